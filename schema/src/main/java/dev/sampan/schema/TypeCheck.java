package dev.sampan.schema;

import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks a built-in kind's JSON types as Go's decoder does, which reports only the first error. */
public final class TypeCheck {

    private TypeCheck() {}

    /**
     * The decoder's message ({@code json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type
     * int32}) or empty when every value fits. The API answers it as 400 BadRequest, prefixed with
     * {@code Deployment in version "v1" cannot be handled as a Deployment: }.
     */
    public static Optional<String> firstError(ObjectNode object, Schema schema) {
        try {
            struct(object, schema, "");
            return Optional.empty();
        } catch (Mismatch e) {
            return Optional.of(e.message);
        }
    }

    /** Ends the walk; never leaves this class. */
    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String message;

        Mismatch(String message) {
            super(message, null, false, false);
            this.message = message;
        }
    }

    private static void struct(ObjectNode object, Schema schema, String path) {
        var owner = simpleName(schema);
        for (var entry : object.properties()) {
            var field = schema.properties().get(entry.getKey());
            if (field != null) {
                var here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                value(entry.getValue(), field, owner, here);
            }
        }
    }

    private static String simpleName(Schema schema) {
        var name = schema.definition();
        return name == null ? "" : name.substring(name.lastIndexOf('.') + 1);
    }

    private static void value(JsonNode value, Schema field, String owner, String path) {
        var schema = field.forValue(value);
        if (value.isNull()) {
            return;
        }
        switch (schema.form()) {
            case PLAIN -> plain(value, schema, owner, path);
            case QUANTITY -> quantity(value);
            case INT_OR_STRING -> intOrString(value);
            case TIME -> time(value, "2006-01-02T15:04:05Z07:00");
            case MICRO_TIME -> time(value, "2006-01-02T15:04:05.000000Z07:00");
            case DURATION -> duration(value);
            case RAW_EXTENSION, FIELDS, JSON, SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> {}
        }
    }

    private static void plain(JsonNode value, Schema schema, String owner, String path) {
        var fits = switch (schema.type()) {
            case OBJECT -> value.isObject();
            case ARRAY -> value.isArray();
            case STRING -> value.isString();
            case BOOLEAN -> value.isBoolean();
            case INTEGER -> value.isIntegralNumber() && inRange(value, schema);
            case NUMBER -> value.isNumber();
            case ANY -> true;
        };
        if (!fits) {
            throw new Mismatch("json: cannot unmarshal " + found(value, schema) + " into Go struct field " + owner + "."
                    + path + " of type " + goType(schema));
        }
        switch (value) {
            case ObjectNode object
            when schema.additionalProperties() != null ->
                object.forEach(v -> value(v, schema.additionalProperties(), owner, path));
            case ObjectNode object -> struct(object, schema, path);
            case ArrayNode array
            when schema.items() != null -> array.forEach(v -> value(v, schema.items(), owner, path));
            default -> {
                if (schema.format().equals("byte")) {
                    base64(value.stringValue());
                }
            }
        }
    }

    private static boolean inRange(JsonNode value, Schema schema) {
        return value.canConvertToLong()
                && (!schema.format().equals("int32") || value.longValue() == (int) value.longValue());
    }

    private static String found(JsonNode value, Schema schema) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            default -> schema.type() == Schema.Type.INTEGER ? "number " + value : "number";
        };
    }

    private static String goType(Schema schema) {
        return switch (schema.type()) {
            case STRING ->
                schema.format().equals("byte")
                        ? "[]uint8"
                        : schema.form() == Form.QUANTITY ? "resource.Quantity" : "string";
            case INTEGER -> schema.format().isEmpty() ? "int64" : schema.format();
            case NUMBER -> "float64";
            case BOOLEAN -> "bool";
            case ARRAY -> "[]" + (schema.items() == null ? "interface {}" : goType(schema.items()));
            case OBJECT ->
                schema.additionalProperties() == null
                        ? structType(schema)
                        : schema.additionalProperties().form() == Form.QUANTITY
                                ? "v1.ResourceList"
                                : "map[string]" + goType(schema.additionalProperties());
            case ANY -> schema.intOrString() ? "intstr.IntOrString" : "interface {}";
        };
    }

    private static String structType(Schema schema) {
        var name = schema.definition();
        if (name == null) {
            return "interface {}";
        }
        var parts = name.split("\\.");
        return parts[parts.length - 2] + "." + parts[parts.length - 1];
    }

    private static void base64(String text) {
        try {
            var unused = Base64.getDecoder().decode(text.replace("\n", "").replace("\r", ""));
        } catch (IllegalArgumentException e) {
            throw new Mismatch("illegal base64 data at input byte " + badByte(text));
        }
    }

    private static int badByte(String text) {
        int i = 0;
        while (i < text.length()
                && (Character.isLetterOrDigit(text.charAt(i)) && text.charAt(i) < 128
                        || "+/".indexOf(text.charAt(i)) >= 0)) {
            i++;
        }
        return i == text.length() ? i / 4 * 4 : i;
    }

    private static void quantity(JsonNode value) {
        try {
            var unused = Quantity.parse(value.isContainer() ? value.toString() : value.asString(""));
        } catch (IllegalArgumentException e) {
            throw new Mismatch(String.valueOf(e.getMessage()));
        }
    }

    private static void intOrString(JsonNode value) {
        var fits = value.isString() || value.isIntegralNumber() && value.canConvertToInt();
        if (!fits) {
            var found = switch (value.getNodeType()) {
                case OBJECT -> "object";
                case ARRAY -> "array";
                case BOOLEAN -> "bool";
                default -> "number " + value;
            };
            throw new Mismatch("json: cannot unmarshal " + found + " into Go value of type int32");
        }
    }

    private static void time(JsonNode value, String layout) {
        if (!value.isString()) {
            var found = value.isNumber() ? "number" : value.isBoolean() ? "bool" : value.isArray() ? "array" : "object";
            throw new Mismatch("json: cannot unmarshal " + found + " into Go value of type string");
        }
        GoTime.problem(value.stringValue(), layout).ifPresent(p -> {
            throw new Mismatch(p);
        });
    }

    private static void duration(JsonNode value) {
        if (!value.isString() || !GoTime.isDuration(value.stringValue())) {
            throw new Mismatch("time: invalid duration " + FieldValues.quote(value.asString("")));
        }
    }
}
