package dev.sampan.apiserver;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.schema.codec.Yaml;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes requests that nobody should send, each from one seed: the seed is all that has to be kept or told of a failure, however
 * large the request is.
 */
final class FuzzedRequests {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MAX_DEPTH = 7;

    private static final List<String> STRINGS = List.of(
            "",
            "a",
            "m",
            "default",
            "10",
            "-1",
            "1.5",
            "1Gi",
            "5m",
            "10%",
            "-0",
            "1e400",
            "99999999999999999999",
            "true",
            "2026-01-01T00:00:00Z",
            "not a date",
            "*",
            "..",
            "../x",
            "a/b",
            "a.b/c",
            "A_B",
            "\u0000",
            "\ud83d\ude00",
            "127.0.0.1",
            "10.0.0.0/8",
            "::1",
            "fe80::/300",
            "http",
            "TCP",
            "Always",
            "Exists",
            "In",
            "=",
            "a=b,c in (d",
            "self.x > 1",
            "[1,2].all(x, x > 0)",
            "{.a[?(@.b==1)]}",
            "*/5 * * * *",
            "CREATE",
            "v1",
            "apps/v1",
            "/",
            "{",
            "$(A)",
            "x".repeat(300));

    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "65536",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "1.5",
            "-0.0",
            "1e308",
            "1e-400");

    private static final List<String> SEGMENTS = List.of(
            "api",
            "apis",
            "v1",
            "v2",
            "apps",
            "batch",
            "namespaces",
            "default",
            "kube-system",
            "pods",
            "configmaps",
            "m",
            "a",
            "deployments",
            "status",
            "scale",
            "log",
            "exec",
            "proxy",
            "watch",
            "binding",
            "eviction",
            "token",
            "..",
            ".",
            "",
            "%2e%2e",
            "%00",
            "%zz",
            "%C3%28",
            "openapi",
            "v3",
            "metrics",
            "healthz",
            "customresourcedefinitions",
            "finalize");

    private static final List<String> PARAMETERS = List.of(
            "watch",
            "limit",
            "continue",
            "resourceVersion",
            "resourceVersionMatch",
            "sendInitialEvents",
            "labelSelector",
            "fieldSelector",
            "timeoutSeconds",
            "dryRun",
            "fieldManager",
            "force",
            "fieldValidation",
            "gracePeriodSeconds",
            "propagationPolicy",
            "orphanDependents",
            "pretty",
            "includeObject",
            "allowWatchBookmarks",
            "hash",
            "command");

    private static final List<String> PARAMETER_VALUES = List.of(
            "All",
            "Exact",
            "NotOlderThan",
            "Strict",
            "Ignore",
            "Foreground",
            "Orphan",
            "metadata.name=m",
            "metadata.name!=m",
            "a in (b,c),!d",
            "a in (",
            "a==b==c",
            "spec.nodeName=x",
            "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiLi4ifQ",
            "!!!!",
            "bnVsbA",
            "W10");

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "PATCH", "DELETE", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE");

    private static final List<String> PATCHES = List.of(
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml");

    private static final List<String> BODIES = List.of(
            "application/json",
            "application/json",
            "application/json",
            "application/yaml",
            "application/vnd.kubernetes.protobuf",
            "application/cbor",
            "text/plain",
            ";;");

    private static final List<String> DIRECTIVES = List.of(
            "$patch",
            "$retainKeys",
            "$deleteFromPrimitiveList/finalizers",
            "$setElementOrder/containers",
            "f:metadata",
            "k:{}");

    private final BuiltinCatalog catalog = BuiltinCatalog.load();
    private final Protobuf protobuf = new Protobuf(catalog);
    private final List<ResourceType> types = List.copyOf(catalog.types());

    /** The request of a seed: always the same one. */
    ApiRequest of(long seed) {
        var random = new Random(seed);
        var type = one(types, random);
        var method = one(METHODS, random);
        var path = random.nextInt(8) == 0 ? path(random) : path(type, method, random);
        var headers = new HashMap<String, List<String>>();
        var contentType = method.equals("PATCH") && random.nextInt(10) > 0 ? one(PATCHES, random) : one(BODIES, random);
        headers.put("content-type", List.of(contentType));
        // An answer that can be read in a failure.
        headers.put("accept", List.of("application/json"));
        if (random.nextInt(4) == 0) {
            headers.put(
                    "accept", List.of(one(BODIES, random) + ";as=Table;v=v1;g=meta.k8s.io, " + one(BODIES, random)));
        }
        return request(method, path + query(random), headers, body(type, contentType, random));
    }

    private static ApiRequest request(String method, String path, Map<String, List<String>> headers, byte[] body) {
        try {
            return ApiRequest.of(WholeServer.ADMIN, method, path, headers, body);
        } catch (ApiException malformedEscape) {
            return ApiRequest.of(WholeServer.ADMIN, method, "/", headers, body);
        }
    }

    private static <T> T one(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private static String path(Random random) {
        var path = new StringBuilder();
        for (int i = random.nextInt(9); i >= 0; i--) {
            path.append('/').append(one(SEGMENTS, random));
        }
        return path.toString();
    }

    private static String path(ResourceType type, String method, Random random) {
        var gvk = type.gvk();
        var path = new StringBuilder(gvk.group().isEmpty() ? "/api/" : "/apis/").append(gvk.apiVersion());
        if (type.namespaced()) {
            path.append("/namespaces/default");
        }
        path.append('/').append(type.plural());
        if (!method.equals("POST") || random.nextInt(6) == 0) {
            path.append("/m");
            if (random.nextInt(5) == 0 && !type.subresources().isEmpty()) {
                path.append('/').append(one(type.subresources(), random).name());
            }
        }
        return path.toString();
    }

    private static String query(Random random) {
        var query = new StringBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            var value = random.nextBoolean() ? one(PARAMETER_VALUES, random) : scalarText(random);
            query.append(query.isEmpty() ? '?' : '&')
                    .append(one(PARAMETERS, random))
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
        return query.toString();
    }

    private static String scalarText(Random random) {
        return random.nextBoolean() ? one(STRINGS, random) : one(NUMBERS, random);
    }

    private byte[] body(ResourceType type, String contentType, Random random) {
        var object = object(type, random);
        var bytes = switch (contentType) {
            case "application/yaml", "application/apply-patch+yaml" -> Yaml.write(object);
            case "application/vnd.kubernetes.protobuf" -> envelope(object);
            case "application/json-patch+json" -> Json.write(operations(random));
            default -> Json.write(object);
        };
        return random.nextInt(6) == 0 ? broken(bytes, random) : bytes;
    }

    private byte[] envelope(ObjectNode object) {
        try {
            return protobuf.write(object);
        } catch (RuntimeException noProtobufForm) {
            return Json.write(object);
        }
    }

    private static byte[] broken(byte[] bytes, Random random) {
        var result = random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes.clone();
        for (int i = random.nextInt(4); i > 0 && result.length > 0; i--) {
            result[random.nextInt(result.length)] = (byte) random.nextInt();
        }
        return random.nextInt(20) == 0 ? "[".repeat(200_000).getBytes(StandardCharsets.US_ASCII) : result;
    }

    private ObjectNode object(ResourceType type, Random random) {
        var object = value(type.schema(), 0, random) instanceof ObjectNode o ? o : NODES.objectNode();
        object.put("apiVersion", type.gvk().apiVersion()).put("kind", type.gvk().kind());
        if (random.nextInt(12) > 0) {
            var metadata = NODES.objectNode().put("name", "m");
            if (random.nextInt(5) == 0) {
                metadata.put("generateName", "g-").remove("name");
            }
            if (random.nextInt(4) == 0) {
                metadata.set("finalizers", NODES.arrayNode().add(one(STRINGS, random)));
            }
            object.set("metadata", metadata);
        }
        return object;
    }

    /** A value that fits the schema more often than not: what fits gets further. */
    private JsonNode value(Schema schema, int depth, Random random) {
        if (random.nextInt(60) == 0 || depth > MAX_DEPTH) {
            return scalar(random);
        }
        return switch (schema.type()) {
            case OBJECT -> {
                var object = NODES.objectNode();
                schema.properties().forEach((name, property) -> {
                    if (random.nextInt(depth < 2 ? 2 : 4) == 0
                            || schema.required().contains(name)) {
                        object.set(name, value(property, depth + 1, random));
                    }
                });
                var more = schema.additionalProperties();
                if (more != null) {
                    object.set(one(STRINGS, random), value(more, depth + 1, random));
                }
                if (random.nextInt(30) == 0) {
                    object.set(one(DIRECTIVES, random), scalar(random));
                }
                yield object;
            }
            case ARRAY -> {
                var array = NODES.arrayNode();
                var items = schema.items();
                for (int i = random.nextInt(3); i > 0 && items != null; i--) {
                    array.add(value(items, depth + 1, random));
                }
                yield array;
            }
            case INTEGER, NUMBER ->
                Json.read(one(NUMBERS, random).getBytes(StandardCharsets.US_ASCII))
                        .tree();
            case BOOLEAN -> NODES.booleanNode(random.nextBoolean());
            default ->
                schema.enumValues().isEmpty()
                        ? NODES.stringNode(one(STRINGS, random))
                        : one(List.copyOf(schema.enumValues()), random);
        };
    }

    private static JsonNode scalar(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(true);
            case 2 -> NODES.objectNode();
            case 3 -> NODES.arrayNode().addNull();
            case 4 -> NODES.numberNode(random.nextLong());
            default -> NODES.stringNode(one(STRINGS, random));
        };
    }

    private static ArrayNode operations(Random random) {
        var operations = NODES.arrayNode();
        var names = new ArrayList<>(List.of("add", "remove", "replace", "move", "copy", "test", "none"));
        for (int i = random.nextInt(5); i >= 0; i--) {
            var operation = operations.addObject().put("op", one(names, random)).put("path", pointer(random));
            if (random.nextBoolean()) {
                operation.set("value", scalar(random));
            }
            if (random.nextBoolean()) {
                operation.put("from", pointer(random));
            }
        }
        return operations;
    }

    private static String pointer(Random random) {
        return one(
                List.of(
                        "",
                        "/",
                        "/metadata",
                        "/metadata/labels",
                        "/metadata/labels/a",
                        "/spec",
                        "/spec/-",
                        "/data/a~1b",
                        "/metadata/name",
                        "/kind",
                        "/metadata/finalizers/0",
                        "/metadata/finalizers/-1",
                        "spec",
                        "/~"),
                random);
    }
}
