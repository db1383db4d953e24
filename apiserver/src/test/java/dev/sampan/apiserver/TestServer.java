package dev.sampan.apiserver;

import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.store.MemoryStore;
import dev.sampan.store.Store;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** An API server over the memory store that lets the administrator do everything, and short ways to call it. */
public final class TestServer implements AutoCloseable {

    static final UserInfo ADMIN = UserInfo.of("kubernetes-admin", UserInfo.MASTERS);

    final Store store = new MemoryStore();
    final ApiServer api;

    TestServer() {
        this(InstantSource.system());
    }

    TestServer(InstantSource clock) {
        this(clock, Map.of(), List.of());
    }

    TestServer(InstantSource clock, Map<GroupKind, KindRules> rules, List<AdmissionPlugin> plugins) {
        var config = ApiServerConfig.defaults(Path.of("unused")).withPort(0).withClock(clock);
        api = new ApiServer(config, store, new Open(rules, plugins));
    }

    /** Everybody may do everything: what is tested here is not security. */
    private record Open(Map<GroupKind, KindRules> rules, List<AdmissionPlugin> plugins) implements Security.Factory {
        @Override
        public Security create(Objects objects, Protobuf protobuf) {
            return new Security(
                    request -> null,
                    (user, attributes) -> Authorizer.Decision.ALLOW,
                    Auditor.NONE,
                    RequestGate.OPEN,
                    Aggregation.NONE,
                    plugins,
                    new AdmissionMetrics(),
                    List.of(),
                    List.of(),
                    List.of(),
                    uri -> {},
                    List.of());
        }
    }

    /** A complete answer with its parsed body. */
    record Answer(int code, JsonNode body, Map<String, List<String>> headers) {
        String reason() {
            return body.path("reason").asString("");
        }

        String message() {
            return body.path("message").asString("");
        }

        /** First value of a header; empty when absent. */
        String header(String name) {
            return headers.getOrDefault(name, List.of("")).getFirst();
        }

        String version() {
            return body.path("metadata").path("resourceVersion").asString("");
        }
    }

    Answer get(String path) {
        return call("GET", path, Map.of(), "");
    }

    Answer post(String path, String json) {
        return call("POST", path, Map.of("content-type", List.of("application/json")), json);
    }

    Answer put(String path, String json) {
        return call("PUT", path, Map.of("content-type", List.of("application/json")), json);
    }

    Answer delete(String path) {
        return call("DELETE", path, Map.of(), "");
    }

    Answer delete(String path, String options) {
        return call("DELETE", path, Map.of("content-type", List.of("application/json")), options);
    }

    /** @param type the word before {@code -patch} in the media type: json, merge, strategic-merge */
    Answer patch(String type, String path, String body) {
        return call("PATCH", path, Map.of("content-type", List.of("application/" + type + "-patch+json")), body);
    }

    Answer call(String method, String path, Map<String, List<String>> headers, String body) {
        var request = ApiRequest.of(ADMIN, method, path, headers, body.getBytes(StandardCharsets.UTF_8));
        var response = (ApiResponse.Complete) api.handle(request);
        var type = response.headers().getOrDefault("content-type", List.of("")).getFirst();
        var answered = type.contains("json")
                ? Json.read(response.body()).tree()
                : StringNode.valueOf(new String(response.body(), StandardCharsets.UTF_8));
        return new Answer(response.status(), answered, response.headers());
    }

    TestWatch watch(String path) {
        return watch(path, Map.of());
    }

    TestWatch watch(String path, Map<String, List<String>> headers) {
        var request = ApiRequest.of(ADMIN, "GET", path, headers, new byte[0]);
        return new TestWatch((ApiResponse.Stream) api.handle(request));
    }

    @Override
    public void close() {
        api.close();
        store.close();
    }
}
