package dev.sampan.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks values against a schema: types, required fields, bounds, patterns, enums, formats, value validations and list types
 * of CRDs. The rules and words are those of kube-openapi's validator and of the apiextensions server.
 */
public final class StructuralValidator {

    /** Where Kubernetes puts errors that belong to a whole value. */
    private static final String WHOLE = "<nil>";

    private final List<FieldError> errors = new ArrayList<>();

    private StructuralValidator() {}

    /** Everything wrong, in Kubernetes' words for custom resources; empty when valid. The API answers it as 422 Invalid. */
    public static List<FieldError> validate(JsonNode value, Schema schema) {
        return validate(value, schema, "");
    }

    /**
     * As {@link #validate(JsonNode, Schema)} for an update: what is as it was before passes (ratcheting). Items of lists are
     * the same ones when their keys are; those of atomic lists and sets only when the whole list is.
     */
    public static List<FieldError> validateUpdate(JsonNode value, JsonNode old, Schema schema) {
        var validator = new StructuralValidator();
        validator.visit(value, old, schema, "");
        return List.copyOf(validator.errors);
    }

    /** As {@link #validate(JsonNode, Schema)}, for a part of an object that stands at {@code path}. */
    public static List<FieldError> validate(JsonNode value, Schema schema, String path) {
        var validator = new StructuralValidator();
        validator.visit(value, null, schema, path);
        return List.copyOf(validator.errors);
    }

    private void visit(JsonNode value, @Nullable JsonNode old, Schema field, String path) {
        if (value.equals(old)) {
            return;
        }
        var schema = field.forValue(value);
        if (value.isNull() && (schema.nullable() || schema.builtin())) {
            return;
        }
        if (!typeFits(value, schema, path)) {
            return;
        }
        oneOfEnum(value, schema, path);
        combinations(value, schema, path);
        switch (value) {
            case ObjectNode object -> object(object, old, schema, path);
            case ArrayNode array -> array(array, old, schema, path);
            default -> {
                if (schema.bounds() != null) {
                    errors.addAll(ScalarBounds.check(value, schema.bounds(), path));
                }
                if (!schema.format().isEmpty()) {
                    format(value, schema, path);
                }
            }
        }
    }

    private boolean typeFits(JsonNode value, Schema schema, String path) {
        var expected = schema.intOrString() ? "integer,string" : schema.type().word();
        var fits = schema.intOrString()
                ? value.isString() || isInteger(value)
                : switch (schema.type()) {
                    case OBJECT -> value.isObject();
                    case ARRAY -> value.isArray();
                    case STRING -> value.isString() || schema.form() == Form.QUANTITY && value.isNumber();
                    case INTEGER -> isInteger(value);
                    case NUMBER -> value.isNumber();
                    case BOOLEAN -> value.isBoolean();
                    case ANY -> true;
                };
        if (!fits) {
            var found = typeOf(value);
            errors.add(FieldError.typeInvalid(
                    path, found, path + " in body must be of type " + expected + ": " + FieldValues.quote(found)));
        }
        return fits;
    }

    private static boolean isInteger(JsonNode value) {
        return value.isIntegralNumber() || value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue());
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            default -> "null";
        };
    }

    private void oneOfEnum(JsonNode value, Schema schema, String path) {
        if (schema.enumValues().isEmpty() || schema.enumValues().contains(value)) {
            return;
        }
        var supported = schema.enumValues().stream()
                .map(v -> v.isString() ? v.stringValue() : v.toString())
                .toList();
        errors.add(FieldError.notSupported(path, value, supported));
    }

    private void format(JsonNode value, Schema schema, String path) {
        if (value.isString() && !Formats.fits(schema.format(), value.stringValue())) {
            var text = value.stringValue();
            errors.add(FieldError.typeInvalid(
                    path, text, path + " in body must be of type " + schema.format() + ": " + FieldValues.quote(text)));
        } else if (value.isNumber() && !Formats.inRange(schema.format(), value)) {
            errors.add(FieldError.invalid(
                    path,
                    value,
                    "Checked value must be " + schema.type().word() + " with format " + schema.format() + " in body"));
        }
    }

    private void object(ObjectNode object, @Nullable JsonNode old, Schema schema, String path) {
        for (var required : schema.required()) {
            if (!object.has(required)) {
                errors.add(FieldError.required(child(path, required), ""));
            }
        }
        var bounds = schema.bounds();
        if (bounds != null) {
            if (bounds.minProperties() != null && object.size() < bounds.minProperties()) {
                errors.add(FieldError.invalid(
                        path,
                        bounds.minProperties(),
                        path + " in body should have at least " + bounds.minProperties() + " properties"));
            }
            if (bounds.maxProperties() != null && object.size() > bounds.maxProperties()) {
                errors.add(FieldError.tooMany(path, object.size(), bounds.maxProperties()));
            }
        }
        for (var entry : object.properties()) {
            var field = schema.field(entry.getKey());
            if (field != null) {
                var before = old == null ? null : old.get(entry.getKey());
                visit(entry.getValue(), before, field, child(path, entry.getKey()));
            }
        }
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private void array(ArrayNode array, @Nullable JsonNode old, Schema schema, String path) {
        var items = schema.items();
        if (items != null) {
            var before = itemsByKeys(old, schema);
            for (int i = 0; i < array.size(); i++) {
                var item = array.get(i);
                visit(item, before.isEmpty() ? null : before.get(keys(item, schema)), items, path + "[" + i + "]");
            }
        }
        var bounds = schema.bounds();
        if (bounds != null && bounds.minItems() != null && array.size() < bounds.minItems()) {
            errors.add(FieldError.invalid(
                    path, array.size(), path + " in body should have at least " + bounds.minItems() + " items"));
        }
        if (bounds != null && bounds.maxItems() != null && array.size() > bounds.maxItems()) {
            errors.add(FieldError.tooMany(path, array.size(), bounds.maxItems()));
        }
        if (!schema.builtin()) {
            duplicates(array, schema, path);
        }
    }

    /** The items that later ones may be compared with: those of a list with keys. */
    private static Map<JsonNode, JsonNode> itemsByKeys(@Nullable JsonNode old, Schema list) {
        var items = new HashMap<JsonNode, JsonNode>();
        if (old != null && list.listType() == Schema.ListType.MAP) {
            old.forEach(item -> items.putIfAbsent(keys(item, list), item));
        }
        return items;
    }

    private void duplicates(ArrayNode array, Schema schema, String path) {
        var listType = schema.listType();
        if (listType == null || listType == Schema.ListType.ATOMIC) {
            return;
        }
        Set<JsonNode> seen = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            var key = listType == Schema.ListType.SET ? array.get(i) : keys(array.get(i), schema);
            if (!seen.add(key)) {
                errors.add(FieldError.duplicate(path + "[" + i + "]", key));
            }
        }
    }

    /** The item's keys, with the defaults that the schema gives to absent ones. */
    private static JsonNode keys(JsonNode item, Schema list) {
        var keys = JsonNodeFactory.instance.objectNode();
        for (var name : list.listMapKeys()) {
            var value = item.get(name);
            if (value == null) {
                var field = list.items() == null ? null : list.items().field(name);
                value = field == null ? null : field.defaultValue();
            }
            if (value != null) {
                keys.set(name, value);
            }
        }
        return keys;
    }

    private void combinations(JsonNode value, Schema schema, String path) {
        if (!schema.anyOf().isEmpty()) {
            anyOf(value, schema.anyOf(), path);
        }
        if (!schema.oneOf().isEmpty() && schema.form() == Form.PLAIN) {
            exactlyOne(value, schema.oneOf(), path);
        }
        if (!schema.allOf().isEmpty()) {
            allOf(value, schema.allOf(), path);
        }
        if (schema.not() != null && validate(value, schema.not(), path).isEmpty()) {
            whole(path, "must not validate the schema (not)");
        }
    }

    private void whole(String path, String message) {
        errors.add(FieldError.invalid(WHOLE, "", FieldValues.quote(path) + " " + message));
    }

    private void anyOf(JsonNode value, List<Schema> schemas, String path) {
        var best = closest(value, schemas, path);
        if (best != null) {
            whole(path, "must validate at least one schema (anyOf)");
            errors.addAll(best);
        }
    }

    private void exactlyOne(JsonNode value, List<Schema> schemas, String path) {
        var valid =
                schemas.stream().filter(s -> validate(value, s, path).isEmpty()).count();
        if (valid == 1) {
            return;
        }
        var found = valid == 0 ? "Found none valid" : "Found " + valid + " valid alternatives";
        whole(path, "must validate one and only one schema (oneOf). " + found);
        var best = closest(value, schemas, path);
        if (best != null) {
            errors.addAll(best);
        }
    }

    private void allOf(JsonNode value, List<Schema> schemas, String path) {
        int valid = 0;
        for (var schema : schemas) {
            var found = validate(value, schema, path);
            errors.addAll(found);
            valid += found.isEmpty() ? 1 : 0;
        }
        if (valid != schemas.size()) {
            whole(path, "must validate all the schemas (allOf)" + (valid == 0 ? ". None validated" : ""));
        }
    }

    /** The errors of the alternative with the fewest, or null when one fits. */
    private static @Nullable List<FieldError> closest(JsonNode value, List<Schema> schemas, String path) {
        List<FieldError> best = null;
        for (var schema : schemas) {
            var found = validate(value, schema, path);
            if (found.isEmpty()) {
                return null;
            }
            best = best == null || found.size() < best.size() ? found : best;
        }
        return best;
    }
}
