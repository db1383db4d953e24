package dev.sampan.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads OpenAPI schema objects: those of the catalogue and those of CRDs. */
final class SchemaReader {

    private static final JsonNode ANYTHING =
            JsonNodeFactory.instance.objectNode().put("x-kubernetes-preserve-unknown-fields", true);

    private final Schema.@Nullable Definitions definitions;

    SchemaReader(Schema.@Nullable Definitions definitions) {
        this.definitions = definitions;
    }

    static Schema crd(JsonNode openApi) {
        var catalog = BuiltinCatalog.load();
        var reader = new SchemaReader(null);
        var root = openApi.isObject() ? (ObjectNode) openApi.deepCopy() : JsonNodeFactory.instance.objectNode();
        root.put("type", "object").put("x-kubernetes-embedded-resource", true);
        return reader.read(
                root,
                null,
                properties -> {
                    // A CRD may narrow metadata.name; the structure of metadata is Kubernetes' own.
                    var narrowed = properties.remove("metadata");
                    return narrowed == null ? List.of() : List.of(reader.only("metadata", narrowed));
                },
                catalog.objectMeta());
    }

    private Schema only(String property, Schema schema) {
        var json = JsonNodeFactory.instance.objectNode();
        json.putObject("properties").set(property, withoutType(schema.json()));
        return read(json, null);
    }

    private static JsonNode withoutType(JsonNode json) {
        var copy = (ObjectNode) json.deepCopy();
        copy.remove("type");
        return copy;
    }

    Schema read(JsonNode json, @Nullable String name) {
        return read(json, name, properties -> List.of(), null);
    }

    private Schema read(
            JsonNode json,
            @Nullable String name,
            Function<Map<String, Schema>, List<Schema>> narrowing,
            @Nullable Schema objectMeta) {
        var embedded = flag(json, "x-kubernetes-embedded-resource");
        var properties = properties(json);
        var allOf = new ArrayList<>(list(json, "allOf"));
        allOf.addAll(narrowing.apply(properties));
        if (embedded) {
            embed(properties, objectMeta);
        }
        var reference = text(json, "$ref");
        var form = reference != null ? Form.of(reference) : name != null ? Form.of(name) : Form.PLAIN;
        var additional = json.get("additionalProperties");
        var proto = json.path("x-proto").asString("");
        return new Schema(
                new SchemaParts(
                        json,
                        name,
                        reference,
                        form,
                        type(json, form),
                        form == Form.QUANTITY ? "quantity" : json.path("format").asString(""),
                        json.path("description").asString(""),
                        properties,
                        additional == null ? null : additionalProperties(additional),
                        json.get("items") == null ? null : read(json.get("items"), null),
                        strings(json, "required"),
                        nodes(json, "enum"),
                        json.get("default"),
                        flag(json, "nullable"),
                        flag(json, "x-kubernetes-int-or-string") || form == Form.INT_OR_STRING,
                        embedded,
                        flag(json, "x-kubernetes-preserve-unknown-fields") || isOpen(form),
                        listType(json),
                        strings(json, "x-kubernetes-list-map-keys"),
                        json.path("x-kubernetes-map-type").asString("").equals("atomic"),
                        text(json, "x-kubernetes-patch-merge-key"),
                        splitStrategies(json),
                        bounds(json),
                        allOf,
                        list(json, "anyOf"),
                        list(json, "oneOf"),
                        json.get("not") == null ? null : read(json.get("not"), null),
                        rules(json),
                        protoPath(proto),
                        proto.endsWith("w"),
                        flag(json, "x-zero")),
                definitions);
    }

    private static boolean isOpen(Form form) {
        return switch (form) {
            case RAW_EXTENSION, FIELDS, JSON, SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> true;
            default -> false;
        };
    }

    private void embed(Map<String, Schema> properties, @Nullable Schema objectMeta) {
        var string = JsonNodeFactory.instance.objectNode().put("type", "string");
        properties.putIfAbsent("apiVersion", read(string, null));
        properties.putIfAbsent("kind", read(string, null));
        properties.put(
                "metadata",
                objectMeta != null ? objectMeta : BuiltinCatalog.load().objectMeta());
    }

    private Schema additionalProperties(JsonNode json) {
        return json.isBoolean() ? read(ANYTHING, null) : read(json, null);
    }

    private Map<String, Schema> properties(JsonNode json) {
        var properties = new LinkedHashMap<String, Schema>();
        json.path("properties").properties().forEach(e -> properties.put(e.getKey(), read(e.getValue(), null)));
        return properties;
    }

    private List<Schema> list(JsonNode json, String field) {
        var schemas = new ArrayList<Schema>();
        json.path(field).forEach(s -> schemas.add(read(s, null)));
        return List.copyOf(schemas);
    }

    private static Schema.Type type(JsonNode json, Form form) {
        return switch (form) {
            case QUANTITY -> Schema.Type.STRING;
            case JSON -> Schema.Type.ANY;
            default ->
                switch (json.path("type").asString("")) {
                    case "object" -> Schema.Type.OBJECT;
                    case "array" -> Schema.Type.ARRAY;
                    case "string" -> Schema.Type.STRING;
                    case "integer" -> Schema.Type.INTEGER;
                    case "number" -> Schema.Type.NUMBER;
                    case "boolean" -> Schema.Type.BOOLEAN;
                    default -> Schema.Type.ANY;
                };
        };
    }

    private static Schema.@Nullable ListType listType(JsonNode json) {
        return switch (json.path("x-kubernetes-list-type").asString("")) {
            case "atomic" -> Schema.ListType.ATOMIC;
            case "set" -> Schema.ListType.SET;
            case "map" -> Schema.ListType.MAP;
            default -> null;
        };
    }

    private static List<String> splitStrategies(JsonNode json) {
        var strategy = text(json, "x-kubernetes-patch-strategy");
        return strategy == null ? List.of() : List.of(strategy.split(","));
    }

    private static @Nullable Bounds bounds(JsonNode json) {
        var bounds = new Bounds(
                decimal(json, "minimum"),
                flag(json, "exclusiveMinimum"),
                decimal(json, "maximum"),
                flag(json, "exclusiveMaximum"),
                decimal(json, "multipleOf"),
                number(json, "minLength"),
                number(json, "maxLength"),
                pattern(json),
                number(json, "minItems"),
                number(json, "maxItems"),
                flag(json, "uniqueItems"),
                number(json, "minProperties"),
                number(json, "maxProperties"));
        return bounds.equals(Bounds.NONE) ? null : bounds;
    }

    private static @Nullable RegularExpression pattern(JsonNode json) {
        var text = text(json, "pattern");
        return text == null ? null : RegularExpression.of(text);
    }

    private static List<Schema.Rule> rules(JsonNode json) {
        var rules = new ArrayList<Schema.Rule>();
        for (var rule : json.path("x-kubernetes-validations")) {
            rules.add(new Schema.Rule(
                    rule.path("rule").asString(""),
                    rule.path("message").asString(""),
                    rule.path("messageExpression").asString(""),
                    rule.path("reason").asString(""),
                    rule.path("fieldPath").asString(""),
                    flag(rule, "optionalOldSelf")));
        }
        return List.copyOf(rules);
    }

    private static List<Integer> protoPath(String proto) {
        if (proto.isEmpty()) {
            return List.of();
        }
        var numbers = proto.endsWith("w") ? proto.substring(0, proto.length() - 1) : proto;
        var path = new ArrayList<Integer>();
        for (var number : numbers.split("\\.")) {
            path.add(Integer.valueOf(number));
        }
        return List.copyOf(path);
    }

    private static boolean flag(JsonNode json, String field) {
        return json.path(field).asBoolean(false);
    }

    private static @Nullable String text(JsonNode json, String field) {
        var value = json.get(field);
        return value == null || !value.isString() ? null : value.stringValue();
    }

    private static java.math.@Nullable BigDecimal decimal(JsonNode json, String field) {
        var value = json.get(field);
        return value == null || !value.isNumber() ? null : value.decimalValue();
    }

    private static @Nullable Long number(JsonNode json, String field) {
        var value = json.get(field);
        return value == null || !value.isNumber() ? null : value.longValue();
    }

    private static List<String> strings(JsonNode json, String field) {
        var values = new ArrayList<String>();
        json.path(field).forEach(v -> values.add(v.asString("")));
        return List.copyOf(values);
    }

    private static List<JsonNode> nodes(JsonNode json, String field) {
        var values = new ArrayList<JsonNode>();
        json.path(field).forEach(values::add);
        return List.copyOf(values);
    }
}
