package dev.sampan.schema.openapi;

import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Turns OpenAPI v3 schemas into OpenAPI v2's smaller vocabulary, losing what v2 cannot say, as Kubernetes does. */
final class SwaggerSchemas {

    private static final String V3_PREFIX = "#/components/schemas/";
    private static final String V2_PREFIX = "#/definitions/";
    private static final Set<String> COPIED = Set.of(
            "description",
            "type",
            "format",
            "title",
            "required",
            "enum",
            "default",
            "pattern",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minProperties",
            "maxProperties");

    private SwaggerSchemas() {}

    static ObjectNode convert(JsonNode schema) {
        var out = JsonNodeFactory.instance.objectNode();
        if (schema.path("nullable").asBoolean(false)
                || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false)) {
            copy(schema, out, Set.of("description"));
            extensions(schema, out);
            return out;
        }
        copy(schema, out, COPIED);
        extensions(schema, out);
        reference(schema, out);
        if (schema.path("properties") instanceof ObjectNode properties) {
            var converted = out.putObject("properties");
            properties.properties().forEach(p -> converted.set(p.getKey(), convert(p.getValue())));
        }
        if (schema.path("items").isObject()) {
            out.set("items", convert(schema.get("items")));
        }
        if (schema.path("additionalProperties").isObject()) {
            out.set("additionalProperties", convert(schema.get("additionalProperties")));
        }
        if (schema.path("oneOf").isArray() && !out.has("type") && out.has("description")) {
            out.put("type", "string"); // quantities, and integers or strings
        }
        return out;
    }

    private static void copy(JsonNode schema, ObjectNode out, Set<String> names) {
        for (var entry : schema.properties()) {
            if (names.contains(entry.getKey())) {
                out.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private static void extensions(JsonNode schema, ObjectNode out) {
        for (var entry : schema.properties()) {
            if (entry.getKey().startsWith("x-kubernetes-")) {
                out.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private static void reference(JsonNode schema, ObjectNode out) {
        var target = schema.has("$ref")
                ? schema.get("$ref")
                : schema.path("allOf").path(0).path("$ref");
        if (target.isString()) {
            out.put("$ref", target.stringValue().replace(V3_PREFIX, V2_PREFIX));
            out.remove("type");
        }
    }
}
