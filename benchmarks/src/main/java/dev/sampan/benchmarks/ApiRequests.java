package dev.sampan.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What clients ask for: pods of one container, which are about 1.5 KB as stored. */
final class ApiRequests {

    static final String NAMESPACE = "bench";
    static final String MANY = "many";

    private static final byte[] NONE = {};
    private static final String POD = """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "%s", "labels": {"app": "bench", "version": "v1"}},
             "spec": {"schedulingGates": [{"name": "example.com/bench"}],
                      "containers": [{"name": "main", "image": "registry.example.com/bench/main:1.0",
                        "command": ["run", "--port", "8080"],
                        "env": [{"name": "LEVEL", "value": "info"}, {"name": "TARGET", "value": "main.bench.svc"}],
                        "ports": [{"containerPort": 8080}],
                        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}}]}}""";
    private static final String APPLIED = """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "labels": {"applied": "%d"}}}""";

    /** A request over a connection; returns the bytes of the answer. */
    interface Request {
        int send(Http2 connection) throws IOException;

        /** Bytes that go out, as far as they are the request's own. */
        int size();
    }

    private record Plain(byte[] headers, byte[] body) implements Request {
        @Override
        public int send(Http2 connection) throws IOException {
            return connection.call(headers, body);
        }

        @Override
        public int size() {
            return headers.length + body.length;
        }
    }

    /** A request that makes an object. */
    record Post(String path, String body) {
        Request request() {
            return new Plain(
                    Http2.headers("POST", path, Map.of("content-type", "application/json")),
                    body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private ApiRequests() {}

    static Request get(String name) {
        return new Plain(Http2.headers("GET", pods(NAMESPACE) + "/" + name, Map.of()), NONE);
    }

    static Request list(String namespace) {
        return new Plain(Http2.headers("GET", pods(namespace), Map.of()), NONE);
    }

    static Request create(String namespace, String name) {
        return new Post(pods(namespace), pod(name)).request();
    }

    static String pod(String name) {
        return POD.formatted(name);
    }

    static Post namespace(String name) {
        return new Post("/api/v1/namespaces", """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s"}}""".formatted(name));
    }

    /** The account that pods of a namespace need. */
    static Post serviceAccount(String namespace) {
        return new Post("/api/v1/namespaces/" + namespace + "/serviceaccounts", """
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}""");
    }

    /** A label by a JSON merge patch. */
    static Request merge(String name, long count) {
        return patch(name, "", "merge-patch+json", """
                {"metadata": {"labels": {"merged": "%d"}}}""".formatted(count));
    }

    /** A container's image by a strategic merge patch. */
    static Request strategic(String name, long count) {
        return patch(name, "", "strategic-merge-patch+json", """
                {"spec": {"containers": [{"name": "main", "image": "registry.example.com/bench/main:%d"}]}}""".formatted(count));
    }

    /** A label by server-side apply. */
    static Request apply(String name, long count) {
        return patch(name, "?fieldManager=bench", "apply-patch+yaml", APPLIED.formatted(name, count));
    }

    private static Request patch(String name, String query, String type, String body) {
        return new Plain(
                Http2.headers(
                        "PATCH", pods(NAMESPACE) + "/" + name + query, Map.of("content-type", "application/" + type)),
                body.getBytes(StandardCharsets.UTF_8));
    }

    static String pods(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }
}
