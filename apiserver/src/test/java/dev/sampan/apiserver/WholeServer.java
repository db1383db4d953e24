package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Yaml;
import dev.sampan.store.MemoryStore;
import dev.sampan.store.Store;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** A server with its own security over a store in memory, spoken to in YAML as whoever the test wants to be. */
public final class WholeServer implements AutoCloseable {

    public static final UserInfo ADMIN = UserInfo.of("kubernetes-admin", UserInfo.MASTERS);

    private final Store store;
    private final boolean ownsStore;
    private final ApiServer api;

    public WholeServer(Path pki) {
        this(pki, UnaryOperator.identity());
    }

    public WholeServer(Path pki, UnaryOperator<ApiServerConfig> change) {
        this(pki, change, new MemoryStore(), true);
    }

    /** Over a store that stays the caller's. */
    public WholeServer(Path pki, UnaryOperator<ApiServerConfig> change, Store store) {
        this(pki, change, store, false);
    }

    private WholeServer(Path pki, UnaryOperator<ApiServerConfig> change, Store store, boolean ownsStore) {
        this.store = store;
        this.ownsStore = ownsStore;
        this.api = new ApiServer(change.apply(ApiServerConfig.defaults(pki).withPort(0)), store);
    }

    /** A complete answer; {@code body} is text when the server did not send JSON. */
    public record Answer(int code, JsonNode body, Map<String, List<String>> headers) {

        public String message() {
            return body.path("message").asString("");
        }

        /** The string at a path such as {@code status.phase}; JSON for anything else, empty when absent. */
        public String at(String path) {
            JsonNode node = body;
            for (var part : path.split("\\.")) {
                node = part.matches("\\d+") ? node.path(Integer.parseInt(part)) : node.path(part);
            }
            return node.isMissingNode() ? "" : node.isString() ? node.stringValue() : node.toString();
        }

        public List<String> header(String name) {
            return headers.getOrDefault(name, List.of());
        }

        public Answer ok() {
            assertThat(code).as(body.toString()).isBetween(200, 299);
            return this;
        }

        public Answer refused(int expected) {
            assertThat(code).as(body.toString()).isEqualTo(expected);
            return this;
        }
    }

    public ApiServer api() {
        return api;
    }

    /** The cluster's objects as the server's own parts see them. */
    public Objects objects() {
        return api.objects();
    }

    public Store store() {
        return store;
    }

    /** Creates a namespace with its default ServiceAccount, which no controller makes here. */
    public void namespace(String name) {
        post("/api/v1/namespaces", "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + "}")
                .ok();
        post(
                        "/api/v1/namespaces/" + name + "/serviceaccounts",
                        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}")
                .ok();
    }

    public Answer get(String path) {
        return call(ADMIN, "GET", path, "");
    }

    public Answer post(String path, String yaml) {
        return call(ADMIN, "POST", path, yaml);
    }

    public Answer put(String path, String yaml) {
        return call(ADMIN, "PUT", path, yaml);
    }

    public Answer delete(String path) {
        return call(ADMIN, "DELETE", path, "");
    }

    /** A merge patch in YAML. */
    public Answer patch(String path, String yaml) {
        return call(ADMIN, "PATCH", path, yaml);
    }

    public Answer call(UserInfo user, String method, String path, String yaml) {
        return call(user, method, path, yaml, Map.of());
    }

    public Answer call(UserInfo user, String method, String path, String yaml, Map<String, List<String>> headers) {
        var all = new HashMap<>(headers);
        var body = new byte[0];
        if (!yaml.isEmpty()) {
            body = Json.write((ObjectNode)
                    Yaml.read(yaml.getBytes(StandardCharsets.UTF_8)).tree());
            var type = method.equals("PATCH") ? "application/merge-patch+json" : "application/json";
            all.putIfAbsent("content-type", List.of(type));
        }
        return send(ApiRequest.of(user, method, path, all, body));
    }

    /** A watch by the administrator. */
    public TestWatch watch(String path) {
        return new TestWatch((ApiResponse.Stream) api.handle(ApiRequest.of(ADMIN, "GET", path, Map.of(), new byte[0])));
    }

    /** Any request, such as one that still has to be authenticated. */
    public Answer send(ApiRequest request) {
        var response = (ApiResponse.Complete) api.handle(request);
        var type = response.headers().getOrDefault("content-type", List.of("")).getFirst();
        JsonNode body = type.contains("json") && response.body().length > 0
                ? Json.read(response.body()).tree()
                : StringNode.valueOf(new String(response.body(), StandardCharsets.UTF_8));
        return new Answer(response.status(), body, response.headers());
    }

    /** A request without any identity but a bearer token. */
    public static ApiRequest bearer(String token, String method, String path) {
        return new ApiRequest(
                method,
                path,
                Map.of(),
                Map.of("authorization", List.of("Bearer " + token)),
                new byte[0],
                null,
                null,
                "");
    }

    @Override
    public void close() {
        api.close();
        if (ownsStore) {
            store.close();
        }
    }
}
