package dev.sampan.schema.openapi;

import static dev.sampan.schema.openapi.Gnostic.any;
import static dev.sampan.schema.openapi.Gnostic.booleans;
import static dev.sampan.schema.openapi.Gnostic.doubles;
import static dev.sampan.schema.openapi.Gnostic.extensions;
import static dev.sampan.schema.openapi.Gnostic.integers;
import static dev.sampan.schema.openapi.Gnostic.named;
import static dev.sampan.schema.openapi.Gnostic.present;
import static dev.sampan.schema.openapi.Gnostic.string;
import static dev.sampan.schema.openapi.Gnostic.strings;
import static dev.sampan.schema.openapi.Gnostic.wrapped;

import dev.sampan.schema.codec.ProtoOutput;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * An OpenAPI v3 document in the protobuf form of github.com/google/gnostic-models (openapi_v3.Document), which client-go's
 * OpenAPI client asks for. Numbers are that schema's field numbers. Written is what {@link OpenApi#v3} has: no servers,
 * security, examples, links or callbacks.
 */
final class OpenApiProtobuf {

    private static final Map<String, Integer> METHODS =
            Map.of("get", 4, "put", 5, "post", 6, "delete", 7, "options", 8, "head", 9, "patch", 10);
    private static final Map<String, Integer> SCHEMA_INTEGERS = Map.of(
            "maxLength", 15, "minLength", 16, "maxItems", 18, "minItems", 19, "maxProperties", 21, "minProperties", 22);
    private static final Map<String, Integer> SCHEMA_DOUBLES = Map.of("multipleOf", 10, "maximum", 11, "minimum", 13);
    private static final Map<String, Integer> SCHEMA_BOOLEANS =
            Map.of("nullable", 1, "exclusiveMaximum", 12, "exclusiveMinimum", 14, "uniqueItems", 20);
    private static final Map<String, Integer> JUNCTORS = Map.of("allOf", 26, "oneOf", 27, "anyOf", 28);

    private OpenApiProtobuf() {}

    static byte[] write(JsonNode document) {
        var out = new ProtoOutput();
        string(document, "openapi", 1, out);
        var info = new ProtoOutput();
        string(document.path("info"), "title", 1, info);
        string(document.path("info"), "description", 2, info);
        string(document.path("info"), "version", 6, info);
        out.message(2, info);
        out.message(4, map(document.path("paths"), OpenApiProtobuf::path));
        var schemas = map(document.at("/components/schemas"), OpenApiProtobuf::schemaOrReference);
        out.message(5, wrapped(1, schemas));
        return out.toByteArray();
    }

    private static ProtoOutput map(JsonNode object, Function<JsonNode, ProtoOutput> value) {
        var out = new ProtoOutput();
        for (var entry : object.properties()) {
            out.message(1, named(entry.getKey(), value.apply(entry.getValue())));
        }
        return out;
    }

    private static ProtoOutput path(JsonNode path) {
        var out = new ProtoOutput();
        present(path, METHODS, (operation, number) -> out.message(number, operation(operation)));
        parameters(path.path("parameters"), 13, out);
        extensions(path, 14, out);
        return out;
    }

    private static ProtoOutput operation(JsonNode operation) {
        var out = new ProtoOutput();
        strings(operation.path("tags"), 1, out);
        string(operation, "description", 3, out);
        string(operation, "operationId", 5, out);
        parameters(operation.path("parameters"), 6, out);
        if (operation.has("requestBody")) {
            out.message(7, wrapped(1, requestBody(operation.get("requestBody"))));
        }
        var responses = new ProtoOutput();
        for (var response : operation.path("responses").properties()) {
            responses.message(2, named(response.getKey(), wrapped(1, response(response.getValue()))));
        }
        out.message(8, responses);
        extensions(operation, 13, out);
        return out;
    }

    private static ProtoOutput requestBody(JsonNode body) {
        var out = new ProtoOutput();
        string(body, "description", 1, out);
        out.message(2, map(body.path("content"), OpenApiProtobuf::mediaType));
        booleans(body, Map.of("required", 3), out);
        return out;
    }

    private static ProtoOutput response(JsonNode response) {
        var out = new ProtoOutput();
        string(response, "description", 1, out);
        if (response.has("content")) {
            out.message(3, map(response.get("content"), OpenApiProtobuf::mediaType));
        }
        return out;
    }

    private static ProtoOutput mediaType(JsonNode mediaType) {
        return wrapped(1, schemaOrReference(mediaType.path("schema")));
    }

    private static void parameters(JsonNode parameters, int number, ProtoOutput out) {
        for (var parameter : parameters) {
            var message = new ProtoOutput();
            string(parameter, "name", 1, message);
            string(parameter, "in", 2, message);
            string(parameter, "description", 3, message);
            booleans(parameter, Map.of("required", 4), message);
            message.message(10, schemaOrReference(parameter.path("schema")));
            out.message(number, wrapped(1, message));
        }
    }

    private static ProtoOutput schemaOrReference(JsonNode schema) {
        if (!schema.has("$ref")) {
            return wrapped(1, schema(schema));
        }
        var reference = new ProtoOutput();
        string(schema, "$ref", 1, reference);
        string(schema, "description", 3, reference);
        return wrapped(2, reference);
    }

    private static ProtoOutput schema(JsonNode schema) {
        var out = new ProtoOutput();
        booleans(schema, SCHEMA_BOOLEANS, out);
        string(schema, "title", 9, out);
        doubles(schema, SCHEMA_DOUBLES, out);
        integers(schema, SCHEMA_INTEGERS, out);
        string(schema, "pattern", 17, out);
        strings(schema.path("required"), 23, out);
        schema.path("enum").forEach(value -> out.message(24, any(value)));
        string(schema, "type", 25, out);
        present(schema, JUNCTORS, (all, number) -> all.forEach(s -> out.message(number, schemaOrReference(s))));
        if (schema.has("not")) {
            out.message(29, schema(schema.get("not")));
        }
        if (schema.has("items")) {
            out.message(30, wrapped(1, schemaOrReference(schema.get("items"))));
        }
        if (schema.has("properties")) {
            out.message(31, map(schema.get("properties"), OpenApiProtobuf::schemaOrReference));
        }
        if (schema.has("additionalProperties")) {
            out.message(32, additional(schema.get("additionalProperties")));
        }
        if (schema.has("default")) {
            out.message(33, defaultValue(schema.get("default")));
        }
        string(schema, "description", 34, out);
        string(schema, "format", 35, out);
        extensions(schema, 36, out);
        return out;
    }

    private static ProtoOutput additional(JsonNode schema) {
        if (!schema.isBoolean()) {
            return wrapped(1, schemaOrReference(schema));
        }
        var out = new ProtoOutput();
        out.varint(2, schema.booleanValue() ? 1 : 0);
        return out;
    }

    /** The form has no place for objects and arrays; gnostic leaves them empty too. */
    private static ProtoOutput defaultValue(JsonNode value) {
        var out = new ProtoOutput();
        if (value.isNumber()) {
            out.fixed64(1, Double.doubleToRawLongBits(value.doubleValue()));
        } else if (value.isBoolean()) {
            out.varint(2, value.booleanValue() ? 1 : 0);
        } else if (value.isString()) {
            out.string(3, value.stringValue());
        }
        return out;
    }
}
