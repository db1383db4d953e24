package dev.sampan.schema.crd;

import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What stands below {@code allOf}, {@code anyOf}, {@code oneOf} and {@code not}: it may narrow values, but not say what is
 * there; and what it names must be said outside.
 */
final class ValueValidations {

    private static final List<String> OUTSIDE_ONLY = List.of(
            "description",
            "type",
            "default",
            "title",
            "nullable",
            "additionalProperties",
            "x-kubernetes-int-or-string",
            "x-kubernetes-embedded-resource",
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
            "x-kubernetes-map-type");

    private ValueValidations() {}

    static void check(JsonNode schema, String path, List<FieldError> errors) {
        for (var junctor : List.of("allOf", "anyOf", "oneOf")) {
            int index = 0;
            for (var branch : schema.path(junctor)) {
                var here = path + "." + junctor + "[" + index++ + "]";
                if (!isIntOrString(schema, branch, junctor)) {
                    branch(branch, schema, here, path, errors);
                }
            }
        }
        if (schema.path("not").isObject()) {
            branch(schema.get("not"), schema, path + ".not", path, errors);
        }
    }

    /** {@code x-kubernetes-int-or-string: true} with {@code anyOf: [{type: integer}, {type: string}]} is allowed. */
    private static boolean isIntOrString(JsonNode schema, JsonNode branch, String junctor) {
        var type = branch.path("type").asString("");
        var plain = branch.size() == 1 && (type.equals("integer") || type.equals("string"));
        var wrapped = junctor.equals("allOf") && branch.path("anyOf").size() == 2;
        return StructuralSchemas.flag(schema, "x-kubernetes-int-or-string")
                && (junctor.equals("anyOf") && plain || wrapped);
    }

    private static void branch(
            JsonNode branch, JsonNode outside, String path, String outsidePath, List<FieldError> errors) {
        for (var name : OUTSIDE_ONLY) {
            if (branch.has(name)) {
                errors.add(FieldError.forbidden(path + "." + name, "must be empty to be structural"));
            }
        }
        StructuralSchemas.pattern(branch, path, errors);
        for (var property : branch.path("properties").properties()) {
            var here = path + ".properties[" + property.getKey() + "]";
            var there = outsidePath + ".properties[" + property.getKey() + "]";
            var known = outside.path("properties").path(property.getKey());
            if (known.isMissingNode() && !property.getKey().equals("metadata")) {
                errors.add(FieldError.required(there, "because it is defined in " + here));
            }
            branch(property.getValue(), known, here, there, errors);
        }
        if (branch.path("items").isObject()) {
            if (!outside.path("items").isObject()) {
                errors.add(FieldError.required(outsidePath + ".items", "because it is defined in " + path + ".items"));
            }
            branch(branch.get("items"), outside.path("items"), path + ".items", outsidePath + ".items", errors);
        }
        for (var junctor : List.of("allOf", "anyOf", "oneOf")) {
            int index = 0;
            for (var inner : branch.path(junctor)) {
                branch(inner, outside, path + "." + junctor + "[" + index++ + "]", outsidePath, errors);
            }
        }
        if (branch.path("not").isObject()) {
            branch(branch.get("not"), outside, path + ".not", outsidePath, errors);
        }
    }
}
