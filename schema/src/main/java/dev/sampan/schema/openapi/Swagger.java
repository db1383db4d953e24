package dev.sampan.schema.openapi;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI v2 document, made of the v3 documents of all group versions. kubectl 1.27 cannot do without it. */
final class Swagger {

    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch");

    private Swagger() {}

    static ObjectNode of(Iterable<ObjectNode> v3Documents) {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("swagger", "2.0");
        document.putObject("info").put("title", "Kubernetes").put("version", "v1.36.0");
        var paths = document.putObject("paths");
        var definitions = document.putObject("definitions");
        for (var v3 : v3Documents) {
            for (var path : v3.path("paths").properties()) {
                paths.set(path.getKey(), path(path.getValue()));
            }
            for (var schema : v3.path("components").path("schemas").properties()) {
                definition(definitions, schema.getKey(), schema.getValue());
            }
        }
        return document;
    }

    /** A definition that several group versions share keeps all their kinds. */
    private static void definition(ObjectNode definitions, String name, JsonNode schema) {
        var known = definitions.get(name);
        if (known == null) {
            definitions.set(name, SwaggerSchemas.convert(schema));
            return;
        }
        var kinds = "x-kubernetes-group-version-kind";
        for (var kind : schema.path(kinds)) {
            var all = ((ObjectNode) known).withArray(kinds);
            if (all.valueStream().noneMatch(kind::equals)) {
                all.add(kind);
            }
        }
    }

    private static ObjectNode path(JsonNode v3) {
        var path = JsonNodeFactory.instance.objectNode();
        for (var method : METHODS) {
            if (v3.has(method)) {
                path.set(method, operation(v3.get(method)));
            }
        }
        if (v3.has("parameters")) {
            path.set("parameters", parameters(v3.get("parameters")));
        }
        return path;
    }

    private static ObjectNode operation(JsonNode v3) {
        var operation = JsonNodeFactory.instance.objectNode();
        for (var name : List.of(
                "description", "operationId", "tags", "x-kubernetes-action", "x-kubernetes-group-version-kind")) {
            if (v3.has(name)) {
                operation.set(name, v3.get(name));
            }
        }
        var parameters = parameters(v3.path("parameters"));
        var consumes = operation.putArray("consumes");
        var body = v3.path("requestBody").path("content");
        body.properties().forEach(media -> consumes.add(media.getKey()));
        body.properties().stream().findFirst().ifPresent(media -> {
            var parameter =
                    parameters.addObject().put("name", "body").put("in", "body").put("required", true);
            parameter.set("schema", SwaggerSchemas.convert(media.getValue().path("schema")));
        });
        var produces = operation.putArray("produces");
        var responses = operation.putObject("responses");
        for (var response : v3.path("responses").properties()) {
            var out = responses.putObject(response.getKey()).put("description", "OK");
            for (var media : response.getValue().path("content").properties()) {
                produces.add(media.getKey());
                out.set("schema", SwaggerSchemas.convert(media.getValue().path("schema")));
            }
        }
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
        return operation;
    }

    private static ArrayNode parameters(JsonNode v3) {
        var parameters = JsonNodeFactory.instance.arrayNode();
        for (var parameter : v3) {
            var out = parameters.addObject();
            for (var entry : parameter.properties()) {
                if (!entry.getKey().equals("schema")) {
                    out.set(entry.getKey(), entry.getValue());
                }
            }
            out.put("type", parameter.path("schema").path("type").asString("string"));
            out.put("uniqueItems", true);
        }
        return parameters;
    }
}
