package dev.sampan.apiserver;

import static dev.sampan.apiserver.FuzzedValues.STRINGS;
import static dev.sampan.apiserver.FuzzedValues.broken;
import static dev.sampan.apiserver.FuzzedValues.one;
import static dev.sampan.apiserver.FuzzedValues.operations;
import static dev.sampan.apiserver.FuzzedValues.scalarText;
import static dev.sampan.apiserver.FuzzedValues.value;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Schema;
import dev.sampan.schema.Subresource;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.schema.codec.Yaml;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes requests that nobody should send, each from one seed: the seed is all that has to be kept or told of a failure, however
 * large the request is.
 */
final class FuzzedRequests {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
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

    private final BuiltinCatalog catalog = BuiltinCatalog.load();
    private final Protobuf protobuf = new Protobuf(catalog);
    private final List<Target> builtin =
            catalog.types().stream().map(FuzzedRequests::target).toList();

    /**
     * What is asked about.
     *
     * @param collection the path of its objects
     * @param subresources names such as {@code status}
     */
    record Target(String apiVersion, String kind, Schema schema, String collection, List<String> subresources) {}

    private static Target target(ResourceType type) {
        var gvk = type.gvk();
        var version = (gvk.group().isEmpty() ? "/api/" : "/apis/") + gvk.apiVersion();
        return new Target(
                gvk.apiVersion(),
                gvk.kind(),
                type.schema(),
                version + (type.namespaced() ? "/namespaces/default/" : "/") + type.plural(),
                type.subresources().stream().map(Subresource::name).toList());
    }

    /** The request of a seed, about any of the built-in types: always the same one. */
    ApiRequest of(long seed) {
        var random = new Random(seed);
        return about(one(builtin, random), random);
    }

    /** A built-in kind. */
    Target target(String apiVersion, String kind) {
        return builtin.stream()
                .filter(t -> t.apiVersion().equals(apiVersion) && t.kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    ApiRequest about(Target target, Random random) {
        var method = one(METHODS, random);
        var path = random.nextInt(8) == 0 ? path(random) : path(target, method, random);
        var headers = new HashMap<String, List<String>>();
        var contentType = method.equals("PATCH") && random.nextInt(10) > 0 ? one(PATCHES, random) : one(BODIES, random);
        headers.put("content-type", List.of(contentType));
        // An answer that can be read in a failure.
        headers.put("accept", List.of("application/json"));
        if (random.nextInt(4) == 0) {
            headers.put(
                    "accept", List.of(one(BODIES, random) + ";as=Table;v=v1;g=meta.k8s.io, " + one(BODIES, random)));
        }
        return request(method, path + query(random), headers, body(target, contentType, random));
    }

    private static ApiRequest request(String method, String path, Map<String, List<String>> headers, byte[] body) {
        try {
            return ApiRequest.of(WholeServer.ADMIN, method, path, headers, body);
        } catch (ApiException malformedEscape) {
            return ApiRequest.of(WholeServer.ADMIN, method, "/", headers, body);
        }
    }

    private static String path(Random random) {
        var path = new StringBuilder();
        for (int i = random.nextInt(9); i >= 0; i--) {
            path.append('/').append(one(SEGMENTS, random));
        }
        return path.toString();
    }

    private static String path(Target target, String method, Random random) {
        var path = new StringBuilder(target.collection());
        if (!method.equals("POST") || random.nextInt(6) == 0) {
            path.append("/m");
            if (random.nextInt(5) == 0 && !target.subresources().isEmpty()) {
                path.append('/').append(one(target.subresources(), random));
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

    private byte[] body(Target target, String contentType, Random random) {
        var object = object(target, random);
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

    private static ObjectNode object(Target target, Random random) {
        var object = value(target.schema(), 0, random) instanceof ObjectNode o ? o : NODES.objectNode();
        object.put("apiVersion", target.apiVersion()).put("kind", target.kind());
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
}
