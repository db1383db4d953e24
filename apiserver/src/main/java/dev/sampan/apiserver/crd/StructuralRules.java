package dev.sampan.apiserver.crd;

import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Whether a definition's schema is structural: every field's type is known without looking at alternatives. */
final class StructuralRules {

    private final List<FieldError> errors;

    private StructuralRules(List<FieldError> errors) {
        this.errors = errors;
    }

    static void check(JsonNode schema, String path, List<FieldError> errors) {
        var type = schema.path("type").asString("");
        if (type.isEmpty()) {
            errors.add(FieldError.required(path + ".type", "must not be empty at the root"));
        } else if (!type.equals("object")) {
            errors.add(FieldError.invalid(path + ".type", type, "must be object at the root"));
        }
        new StructuralRules(errors).children(schema, path);
    }

    private void children(JsonNode schema, String path) {
        for (var property : schema.path("properties").properties()) {
            node(property.getValue(), path + ".properties[" + property.getKey() + "]", "for specified object fields");
        }
        if (schema.path("additionalProperties").isObject()) {
            node(schema.get("additionalProperties"), path + ".additionalProperties", "for specified object fields");
        }
        if (schema.path("items").isObject()) {
            node(schema.get("items"), path + ".items", "for specified array items");
        }
    }

    private void node(JsonNode schema, String path, String where) {
        boolean free = schema.path("x-kubernetes-int-or-string").asBoolean(false)
                || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false);
        var type = schema.path("type").asString("");
        if (type.isEmpty() && !free) {
            errors.add(FieldError.required(path + ".type", "must not be empty " + where));
        }
        if (type.equals("array") && !schema.path("items").isObject()) {
            errors.add(FieldError.required(path + ".items", "must be specified"));
        }
        if (schema.has("$ref")) {
            errors.add(FieldError.forbidden(path + ".$ref", "$ref is not supported"));
        }
        if (schema.path("uniqueItems").asBoolean(false)) {
            errors.add(FieldError.forbidden(
                    path + ".uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }
        children(schema, path);
    }
}
