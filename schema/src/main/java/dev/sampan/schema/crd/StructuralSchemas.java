package dev.sampan.schema.crd;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.RegularExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Checks that the schema of a CustomResourceDefinition is structural: that every field has one type, said in one place, and
 * that value validations only narrow it. The rules and words are those of apiextensions-apiserver.
 */
public final class StructuralSchemas {

    private static final List<String> TYPES = List.of("array", "boolean", "integer", "number", "object", "string");
    private static final Set<String> UNSUPPORTED = Set.of(
            "$ref",
            "definitions",
            "dependencies",
            "deprecated",
            "discriminator",
            "id",
            "patternProperties",
            "readOnly",
            "writeOnly",
            "xml",
            "additionalItems");
    private static final List<String> LIST_TYPES = List.of("atomic", "map", "set");
    private static final List<String> MAP_TYPES = List.of("atomic", "granular");

    private final List<FieldError> errors = new ArrayList<>();

    private StructuralSchemas() {}

    /**
     * Everything wrong with {@code openApiV3Schema}; empty when it is structural.
     *
     * @param path where the schema stands, such as {@code spec.versions[0].schema.openAPIV3Schema}
     */
    public static List<FieldError> validate(JsonNode openApiV3Schema, String path) {
        var check = new StructuralSchemas();
        check.root(openApiV3Schema, path);
        check.structural(openApiV3Schema, path, "must not be empty at the root", true);
        return List.copyOf(check.errors);
    }

    private void root(JsonNode schema, String path) {
        var type = schema.path("type").asString("");
        if (!type.isEmpty() && !type.equals("object")) {
            errors.add(FieldError.invalid(path + ".type", type, "must be object at the root"));
        }
    }

    private void structural(JsonNode schema, String path, String typeMissing, boolean resource) {
        type(schema, path, typeMissing);
        keywords(schema, path);
        lists(schema, path);
        ValueValidations.check(schema, path, errors);
        var embedded = flag(schema, "x-kubernetes-embedded-resource");
        if (embedded) {
            embedded(schema, path);
        }
        for (var property : schema.path("properties").properties()) {
            var here = path + ".properties[" + property.getKey() + "]";
            if (resource || embedded) {
                resourceField(property.getKey(), property.getValue(), here);
            }
            structural(property.getValue(), here, "must not be empty for specified object fields", false);
        }
        if (schema.path("additionalProperties").isObject()) {
            structural(
                    schema.get("additionalProperties"),
                    path + ".additionalProperties",
                    "must not be empty for specified object fields",
                    false);
        }
        if (schema.path("items").isObject()) {
            structural(schema.get("items"), path + ".items", "must not be empty for specified array items", false);
        }
    }

    static boolean flag(JsonNode schema, String name) {
        return schema.path(name).asBoolean(false);
    }

    private void type(JsonNode schema, String path, String missing) {
        var type = schema.path("type").asString("");
        var intOrString = flag(schema, "x-kubernetes-int-or-string");
        if (type.isEmpty()) {
            if (!intOrString && !flag(schema, "x-kubernetes-preserve-unknown-fields")) {
                errors.add(FieldError.required(path + ".type", missing));
            }
        } else if (intOrString) {
            errors.add(FieldError.invalid(path + ".type", type, "must be empty if x-kubernetes-int-or-string is true"));
        } else if (type.equals("null")) {
            errors.add(
                    FieldError.forbidden(path + ".type", "type cannot be set to null, use nullable as an alternative"));
        } else if (!TYPES.contains(type)) {
            errors.add(FieldError.notSupported(path + ".type", type, TYPES));
        }
        if (type.equals("array") && !schema.has("items")) {
            errors.add(FieldError.required(path + ".items", "must be specified"));
        }
        if (intOrString && flag(schema, "x-kubernetes-preserve-unknown-fields")) {
            errors.add(FieldError.invalid(
                    path + ".x-kubernetes-preserve-unknown-fields",
                    true,
                    "must be false if x-kubernetes-int-or-string is true"));
        }
        if (intOrString && flag(schema, "x-kubernetes-embedded-resource")) {
            errors.add(FieldError.invalid(
                    path + ".x-kubernetes-embedded-resource",
                    true,
                    "must be false if x-kubernetes-int-or-string is true"));
        }
    }

    private void keywords(JsonNode schema, String path) {
        for (var name : UNSUPPORTED) {
            if (schema.has(name)) {
                errors.add(FieldError.forbidden(path + "." + name, name + " is not supported"));
            }
        }
        if (flag(schema, "uniqueItems")) {
            errors.add(FieldError.forbidden(
                    path + ".uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }
        var additional = schema.path("additionalProperties");
        if (additional.isBoolean() && !additional.booleanValue()) {
            errors.add(FieldError.forbidden(
                    path + ".additionalProperties", "additionalProperties cannot be set to false"));
        }
        if (additional.isObject()
                && schema.path("properties").isObject()
                && !schema.path("properties").isEmpty()) {
            errors.add(FieldError.forbidden(
                    path + ".additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }
        if (schema.path("items").isArray()) {
            errors.add(FieldError.forbidden(path + ".items", "items must be a schema object and not an array"));
        }
        pattern(schema, path, errors);
        var flag = schema.path("x-kubernetes-preserve-unknown-fields");
        if (flag.isBoolean() && !flag.booleanValue()) {
            errors.add(FieldError.invalid(
                    path + ".x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
        }
    }

    static void pattern(JsonNode schema, String path, List<FieldError> errors) {
        var pattern = RegularExpression.of(schema.path("pattern").asString(""));
        if (!pattern.isValid()) {
            errors.add(FieldError.invalid(
                    path + ".pattern",
                    pattern.toString(),
                    "must be a valid regular expression, but isn't: " + pattern.problem()));
        }
    }

    private void embedded(JsonNode schema, String path) {
        var type = schema.path("type").asString("");
        if (!type.isEmpty() && !type.equals("object")) {
            errors.add(FieldError.invalid(
                    path + ".type", type, "must be object if x-kubernetes-embedded-resource is true"));
        }
        if (schema.path("properties").isEmpty() && !flag(schema, "x-kubernetes-preserve-unknown-fields")) {
            errors.add(FieldError.required(
                    path + ".properties",
                    "must not be empty if x-kubernetes-embedded-resource is true without"
                            + " x-kubernetes-preserve-unknown-fields"));
        }
    }

    /** {@code apiVersion}, {@code kind} and {@code metadata} are what they are in every object. */
    private void resourceField(String name, JsonNode schema, String path) {
        var type = schema.path("type").asString("");
        switch (name) {
            case "apiVersion", "kind" -> {
                if (!type.equals("string")) {
                    errors.add(FieldError.invalid(path + ".type", type, "must be string"));
                }
            }
            case "metadata" -> {
                if (!type.equals("object")) {
                    errors.add(FieldError.invalid(path + ".type", type, "must be object"));
                }
                for (var property : schema.path("properties").properties()) {
                    if (!Set.of("name", "generateName").contains(property.getKey())) {
                        errors.add(FieldError.forbidden(
                                path,
                                "must not specify anything other than name and generateName, but metadata is implicitly"
                                        + " specified"));
                    }
                }
            }
            default -> {}
        }
    }

    private void lists(JsonNode schema, String path) {
        var mapType = schema.path("x-kubernetes-map-type").asString("");
        if (!mapType.isEmpty() && !MAP_TYPES.contains(mapType)) {
            errors.add(FieldError.notSupported(path + ".x-kubernetes-map-type", mapType, MAP_TYPES));
        }
        if (!mapType.isEmpty() && !schema.path("type").asString("").equals("object")) {
            errors.add(FieldError.invalid(
                    path + ".type",
                    schema.path("type").asString(""),
                    "must be object if x-kubernetes-map-type is specified"));
        }
        var listType = schema.path("x-kubernetes-list-type").asString("");
        var keys = schema.path("x-kubernetes-list-map-keys");
        if (listType.isEmpty()) {
            return;
        }
        if (!LIST_TYPES.contains(listType)) {
            errors.add(FieldError.notSupported(path + ".x-kubernetes-list-type", listType, LIST_TYPES));
        }
        if (!schema.path("type").asString("").equals("array")) {
            errors.add(FieldError.invalid(
                    path + ".type",
                    schema.path("type").asString(""),
                    "must be array if x-kubernetes-list-type is specified"));
        }
        if (!listType.equals("map")) {
            if (!keys.isEmpty()) {
                errors.add(FieldError.invalid(
                        path + ".x-kubernetes-list-type",
                        listType,
                        "must be map if x-kubernetes-list-map-keys is non-empty"));
            }
            return;
        }
        listMap(schema.path("items"), keys, path);
    }

    private void listMap(JsonNode items, JsonNode keys, String path) {
        if (keys.isEmpty()) {
            errors.add(FieldError.required(
                    path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        }
        if (!items.path("type").asString("").equals("object")) {
            errors.add(FieldError.invalid(
                    path + ".items.type",
                    items.path("type").asString(""),
                    "must be object if parent array's x-kubernetes-list-type is map"));
        }
        int index = 0;
        for (var key : keys) {
            var name = key.asString("");
            var property = items.path("properties").path(name);
            if (property.isMissingNode()) {
                errors.add(FieldError.invalid(
                        path + ".x-kubernetes-list-map-keys[" + index + "]",
                        name,
                        "entries must all be names of item properties"));
            } else if (!property.has("default")
                    && items.path("required").valueStream().noneMatch(key::equals)) {
                errors.add(FieldError.required(
                        path + ".items.properties[" + name + "].default",
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required"
                                + " property"));
            }
            index++;
        }
    }
}
