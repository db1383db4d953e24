package dev.sampan.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Structure of an object or a field: OpenAPI's words plus Kubernetes' extensions. Immutable; built-in kinds and CRDs share it.
 *
 * <p>A schema that refers to a named definition answers with the definition's structure; what stands beside the
 * reference (description, default, list and map type, patch strategy) wins.
 */
public final class Schema {

    /** JSON type; {@link #ANY} where any value may stand. */
    public enum Type {
        OBJECT,
        ARRAY,
        STRING,
        INTEGER,
        NUMBER,
        BOOLEAN,
        ANY;

        /** OpenAPI's word, such as {@code integer}; empty for {@link #ANY}. */
        public String word() {
            return this == ANY ? "" : name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** How a list merges under server-side apply; {@code x-kubernetes-list-type}. */
    public enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    /** One rule of {@code x-kubernetes-validations}; the fields are the CRD's own, empty when absent. */
    public record Rule(
            String rule,
            String message,
            String messageExpression,
            String reason,
            String fieldPath,
            boolean optionalOldSelf) {}

    private final SchemaParts parts;
    private final @Nullable Definitions definitions;
    private @Nullable Schema target; // resolved on first use; a race finds the same schema twice

    Schema(SchemaParts parts, @Nullable Definitions definitions) {
        this.parts = parts;
        this.definitions = definitions;
    }

    /** Where references lead. */
    interface Definitions {
        Schema definition(String name);
    }

    /**
     * Reads {@code spec.versions[*].schema.openAPIV3Schema} of a CustomResourceDefinition and adds what every object has:
     * {@code apiVersion}, {@code kind}, {@code metadata}. Says nothing about whether the schema is structural.
     */
    public static Schema ofCrd(JsonNode openApiV3Schema) {
        return SchemaReader.crd(openApiV3Schema);
    }

    private Schema target() {
        if (target == null) {
            target =
                    parts.reference() == null || definitions == null ? this : definitions.definition(parts.reference());
        }
        return target;
    }

    private SchemaParts structure() {
        return target().parts;
    }

    /** Name of the built-in definition, such as {@code io.k8s.api.core.v1.PodSpec}; null for anonymous and CRD schemas. */
    public @Nullable String definition() {
        return parts.reference() != null ? parts.reference() : parts.name();
    }

    /** What this schema's JSON form is beyond plain JSON. */
    public Form form() {
        return structure().form();
    }

    public Type type() {
        return structure().type();
    }

    /** {@code int32}, {@code int64}, {@code date-time}, {@code byte}, {@code quantity}, …; empty when none. */
    public String format() {
        return structure().format();
    }

    public String description() {
        return parts.description().isEmpty() ? structure().description() : parts.description();
    }

    /** Named fields; empty for maps and scalars. */
    public Map<String, Schema> properties() {
        return structure().properties();
    }

    /** Schema of a map's values. */
    public @Nullable Schema additionalProperties() {
        return structure().additionalProperties();
    }

    /** Whether this is a map with keys of the user's choice. */
    public boolean isMap() {
        return structure().additionalProperties() != null;
    }

    /** Schema of a list's items. */
    public @Nullable Schema items() {
        return structure().items();
    }

    /** Schema of the field or map value {@code name}, or null when the structure does not know it. */
    public @Nullable Schema field(String name) {
        var property = properties().get(name);
        return property != null ? property : additionalProperties();
    }

    public List<String> required() {
        return structure().required();
    }

    /** Allowed values; empty when there is no such limit. */
    public List<JsonNode> enumValues() {
        return structure().enumValues();
    }

    public @Nullable JsonNode defaultValue() {
        return parts.defaultValue() != null ? parts.defaultValue() : structure().defaultValue();
    }

    public boolean nullable() {
        return structure().nullable();
    }

    public boolean intOrString() {
        return structure().intOrString();
    }

    public boolean embeddedResource() {
        return structure().embeddedResource();
    }

    public boolean preserveUnknownFields() {
        return structure().preserveUnknownFields();
    }

    /** Null when the schema does not say; lists are then atomic, except to strategic merge patch. */
    public @Nullable ListType listType() {
        return parts.listType() != null ? parts.listType() : structure().listType();
    }

    /** Keys that name an item of a {@link ListType#MAP} list. */
    public List<String> listMapKeys() {
        return parts.listMapKeys().isEmpty() ? structure().listMapKeys() : parts.listMapKeys();
    }

    /** Whether server-side apply replaces a map or struct as a whole. */
    public boolean atomicMap() {
        return parts.atomicMap() || structure().atomicMap();
    }

    /** Key by which strategic merge patch merges a list of objects; null when it does not. */
    public @Nullable String patchMergeKey() {
        return parts.patchMergeKey();
    }

    /** {@code merge}, {@code replace}, {@code retainKeys}. */
    public List<String> patchStrategies() {
        return parts.patchStrategies();
    }

    /** Bounds on values; null when there are none. */
    public @Nullable Bounds bounds() {
        return structure().bounds();
    }

    public List<Schema> allOf() {
        return structure().allOf();
    }

    public List<Schema> anyOf() {
        return structure().anyOf();
    }

    public List<Schema> oneOf() {
        return structure().oneOf();
    }

    public @Nullable Schema not() {
        return structure().not();
    }

    /** CEL rules on this value. */
    public List<Rule> rules() {
        return structure().rules();
    }

    /** Protobuf field numbers from the enclosing message to this property; empty when it has no protobuf form. */
    public List<Integer> protoPath() {
        return parts.protoPath();
    }

    /** Whether protobuf wraps this list, or this map's lists, in a message of its own. */
    public boolean protoWrapped() {
        return parts.protoWrapped();
    }

    /** Whether this built-in field's zero value ({@code ""}, {@code 0}, {@code false}) differs from its absence. */
    public boolean keepsZero() {
        return parts.keepsZero();
    }

    /** Whether the structure is a built-in kind's and not a CRD's. */
    public boolean builtin() {
        return definitions != null;
    }

    /** The OpenAPI schema this was read from. */
    public JsonNode json() {
        return parts.json();
    }

    /** For types that may be one of two things: the schema that fits {@code value}; otherwise this. */
    public Schema forValue(JsonNode value) {
        if (definitions == null || form() == Form.PLAIN) {
            return this;
        }
        return switch (form()) {
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> alternative(value, definitions);
            default -> this;
        };
    }

    private Schema alternative(JsonNode value, Definitions all) {
        var name = definition();
        if (name == null || !value.isObject()) {
            return this;
        }
        return all.definition(name.substring(0, name.indexOf("JSONSchemaPropsOr")) + "JSONSchemaProps");
    }

    @Override
    public String toString() {
        return parts.json().toString();
    }
}
