package dev.sampan.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Structure of an object or a field: OpenAPI's words plus Kubernetes' extensions. Immutable; built-in kinds and CRDs share it.
 *
 * <p>A schema that refers to a named definition answers with the definition's structure; what stands beside the
 * reference (default, list type, patch strategy) wins.
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
        ANY
    }

    /** How a list merges under server-side apply; {@code x-kubernetes-list-type}. */
    public enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    /**
     * Reads {@code spec.versions[*].schema.openAPIV3Schema} of a CustomResourceDefinition and adds what every object has:
     * {@code apiVersion}, {@code kind}, {@code metadata}.
     */
    public static Schema ofCrd(JsonNode openApiV3Schema) {
        throw new UnsupportedOperationException("being built");
    }

    public Type type() {
        throw new UnsupportedOperationException("being built");
    }

    /** {@code int32}, {@code int64}, {@code date-time}, {@code byte}, {@code quantity}, …; empty when none. */
    public String format() {
        throw new UnsupportedOperationException("being built");
    }

    public String description() {
        throw new UnsupportedOperationException("being built");
    }

    /** Named fields; empty for maps and scalars. */
    public Map<String, Schema> properties() {
        throw new UnsupportedOperationException("being built");
    }

    /** Schema of a map's values. */
    public @Nullable Schema additionalProperties() {
        throw new UnsupportedOperationException("being built");
    }

    /** Schema of a list's items. */
    public @Nullable Schema items() {
        throw new UnsupportedOperationException("being built");
    }

    /** Schema of the field or map value {@code name}, or null when the structure does not know it. */
    public @Nullable Schema field(String name) {
        throw new UnsupportedOperationException("being built");
    }

    public List<String> required() {
        throw new UnsupportedOperationException("being built");
    }

    public @Nullable JsonNode defaultValue() {
        throw new UnsupportedOperationException("being built");
    }

    public boolean nullable() {
        throw new UnsupportedOperationException("being built");
    }

    public boolean intOrString() {
        throw new UnsupportedOperationException("being built");
    }

    public boolean embeddedResource() {
        throw new UnsupportedOperationException("being built");
    }

    public boolean preserveUnknownFields() {
        throw new UnsupportedOperationException("being built");
    }

    public @Nullable ListType listType() {
        throw new UnsupportedOperationException("being built");
    }

    /** Keys that name an item of a {@link ListType#MAP} list. */
    public List<String> listMapKeys() {
        throw new UnsupportedOperationException("being built");
    }

    /** Whether server-side apply replaces a map or struct as a whole. */
    public boolean atomicMap() {
        throw new UnsupportedOperationException("being built");
    }

    /** Key by which strategic merge patch merges a list of objects; null when it does not. */
    public @Nullable String patchMergeKey() {
        throw new UnsupportedOperationException("being built");
    }

    /** {@code merge}, {@code replace}, {@code retainKeys}. */
    public List<String> patchStrategies() {
        throw new UnsupportedOperationException("being built");
    }
}
