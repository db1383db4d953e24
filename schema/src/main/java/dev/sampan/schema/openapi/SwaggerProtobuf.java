package dev.sampan.schema.openapi;

import static dev.sampan.schema.openapi.Gnostic.any;
import static dev.sampan.schema.openapi.Gnostic.booleans;
import static dev.sampan.schema.openapi.Gnostic.extensions;
import static dev.sampan.schema.openapi.Gnostic.integers;
import static dev.sampan.schema.openapi.Gnostic.named;
import static dev.sampan.schema.openapi.Gnostic.present;
import static dev.sampan.schema.openapi.Gnostic.string;
import static dev.sampan.schema.openapi.Gnostic.strings;
import static dev.sampan.schema.openapi.Gnostic.wrapped;

import dev.sampan.schema.codec.ProtoOutput;
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

    private static ProtoOutput path(JsonNode path) {
        var out = new ProtoOutput();
        present(path, METHODS, (operation, number) -> out.message(number, operation(operation)));
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
            body.message(2, wrapped(1, schema(response.get("schema"))));
        }
        return wrapped(1, body);
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
            out.message(number, wrapped(1, kind));
        }
    }

    private static ProtoOutput bodyParameter(JsonNode parameter) {
        var out = new ProtoOutput();
        string(parameter, "description", 1, out);
        string(parameter, "name", 2, out);
        string(parameter, "in", 3, out);
        booleans(parameter, Map.of("required", 4), out);
        out.message(5, schema(parameter.path("schema")));
        return out;
    }

    private static ProtoOutput parameter(JsonNode parameter, boolean inPath) {
        var out = new ProtoOutput();
        booleans(parameter, Map.of("required", 1), out);
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
        integers(schema, INTEGERS, out);
        strings(schema.path("required"), 19, out);
        schema.path("enum").forEach(value -> out.message(20, any(value)));
        if (schema.has("additionalProperties")) {
            out.message(21, wrapped(1, schema(schema.get("additionalProperties"))));
        }
        if (schema.has("type")) {
            var type = new ProtoOutput();
            type.string(1, schema.get("type").asString(""));
            out.message(22, type);
        }
        if (schema.has("items")) {
            out.message(23, wrapped(1, schema(schema.get("items"))));
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
