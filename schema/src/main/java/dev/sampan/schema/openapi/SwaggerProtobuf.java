package dev.sampan.schema.openapi;

import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.ProtoOutput;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The OpenAPI v2 document in the protobuf form of github.com/google/gnostic (openapi_v2.Document), which kubectl asks for.
 * Numbers are that schema's field numbers.
 */
final class SwaggerProtobuf {

    private static final Map<String, Integer> METHODS = Map.of("get", 2, "put", 3, "post", 4, "delete", 5, "patch", 8);
    private static final Map<String, Integer> INTEGERS = Map.of(
            "maxLength", 11, "minLength", 12, "maxItems", 14, "minItems", 15, "maxProperties", 17, "minProperties", 18);

    private SwaggerProtobuf() {}

    static byte[] write(JsonNode document) {
        var out = new ProtoOutput();
        out.string(1, document.path("swagger").asString(""));
        var info = new ProtoOutput();
        info.string(1, document.path("info").path("title").asString(""));
        info.string(2, document.path("info").path("version").asString(""));
        out.message(2, info);
        var paths = new ProtoOutput();
        for (var path : document.path("paths").properties()) {
            paths.message(2, named(path.getKey(), path(path.getValue())));
        }
        out.message(8, paths);
        var definitions = new ProtoOutput();
        for (var definition : document.path("definitions").properties()) {
            definitions.message(1, named(definition.getKey(), schema(definition.getValue())));
        }
        out.message(9, definitions);
        return out.toByteArray();
    }

    private static ProtoOutput named(String name, ProtoOutput value) {
        var out = new ProtoOutput();
        out.string(1, name);
        out.message(2, value);
        return out;
    }

    private static ProtoOutput any(JsonNode value) {
        var out = new ProtoOutput();
        // JSON is YAML.
        out.string(2, new String(Json.write(value), StandardCharsets.UTF_8) + "\n");
        return out;
    }

    private static void extensions(JsonNode object, int number, ProtoOutput out) {
        for (var entry : object.properties()) {
            if (entry.getKey().startsWith("x-")) {
                out.message(number, named(entry.getKey(), any(entry.getValue())));
            }
        }
    }

    private static void strings(JsonNode array, int number, ProtoOutput out) {
        array.forEach(s -> out.string(number, s.asString("")));
    }

    private static void string(JsonNode object, String field, int number, ProtoOutput out) {
        if (object.has(field)) {
            out.string(number, object.get(field).asString(""));
        }
    }

    private static ProtoOutput path(JsonNode path) {
        var out = new ProtoOutput();
        METHODS.entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(method -> {
            if (path.has(method.getKey())) {
                out.message(method.getValue(), operation(path.get(method.getKey())));
            }
        });
        parameters(path.path("parameters"), 9, out);
        return out;
    }

    private static ProtoOutput operation(JsonNode operation) {
        var out = new ProtoOutput();
        strings(operation.path("tags"), 1, out);
        string(operation, "description", 3, out);
        string(operation, "operationId", 5, out);
        strings(operation.path("produces"), 6, out);
        strings(operation.path("consumes"), 7, out);
        parameters(operation.path("parameters"), 8, out);
        var responses = new ProtoOutput();
        for (var response : operation.path("responses").properties()) {
            responses.message(1, named(response.getKey(), response(response.getValue())));
        }
        out.message(9, responses);
        extensions(operation, 13, out);
        return out;
    }

    private static ProtoOutput response(JsonNode response) {
        var body = new ProtoOutput();
        string(response, "description", 1, body);
        if (response.has("schema")) {
            var item = new ProtoOutput();
            item.message(1, schema(response.get("schema")));
            body.message(2, item);
        }
        var value = new ProtoOutput();
        value.message(1, body);
        return value;
    }

    private static void parameters(JsonNode parameters, int number, ProtoOutput out) {
        for (var parameter : parameters) {
            var kind = new ProtoOutput();
            if (parameter.path("in").asString("").equals("body")) {
                kind.message(1, bodyParameter(parameter));
            } else {
                var nonBody = new ProtoOutput();
                var inPath = parameter.path("in").asString("").equals("path");
                nonBody.message(inPath ? 4 : 3, parameter(parameter, inPath));
                kind.message(2, nonBody);
            }
            var item = new ProtoOutput();
            item.message(1, kind);
            out.message(number, item);
        }
    }

    private static ProtoOutput bodyParameter(JsonNode parameter) {
        var out = new ProtoOutput();
        string(parameter, "description", 1, out);
        string(parameter, "name", 2, out);
        string(parameter, "in", 3, out);
        out.varint(4, parameter.path("required").asBoolean(false) ? 1 : 0);
        out.message(5, schema(parameter.path("schema")));
        return out;
    }

    private static ProtoOutput parameter(JsonNode parameter, boolean inPath) {
        var out = new ProtoOutput();
        out.varint(1, parameter.path("required").asBoolean(false) ? 1 : 0);
        string(parameter, "in", 2, out);
        string(parameter, "description", 3, out);
        string(parameter, "name", 4, out);
        string(parameter, "type", inPath ? 5 : 6, out);
        return out;
    }

    private static ProtoOutput schema(JsonNode schema) {
        var out = new ProtoOutput();
        string(schema, "$ref", 1, out);
        string(schema, "format", 2, out);
        string(schema, "title", 3, out);
        string(schema, "description", 4, out);
        if (schema.has("default")) {
            out.message(5, any(schema.get("default")));
        }
        string(schema, "pattern", 13, out);
        INTEGERS.entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(field -> {
            if (schema.has(field.getKey())) {
                out.varint(field.getValue(), schema.get(field.getKey()).asLong(0));
            }
        });
        strings(schema.path("required"), 19, out);
        schema.path("enum").forEach(value -> out.message(20, any(value)));
        if (schema.has("additionalProperties")) {
            var item = new ProtoOutput();
            item.message(1, schema(schema.get("additionalProperties")));
            out.message(21, item);
        }
        if (schema.has("type")) {
            var type = new ProtoOutput();
            type.string(1, schema.get("type").asString(""));
            out.message(22, type);
        }
        if (schema.has("items")) {
            var items = new ProtoOutput();
            items.message(1, schema(schema.get("items")));
            out.message(23, items);
        }
        if (schema.has("properties")) {
            var properties = new ProtoOutput();
            for (var property : schema.get("properties").properties()) {
                properties.message(1, named(property.getKey(), schema(property.getValue())));
            }
            out.message(25, properties);
        }
        extensions(schema, 31, out);
        return out;
    }
}
