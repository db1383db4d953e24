package dev.sampan.apiserver;

import dev.sampan.apiserver.discovery.DiscoveryEndpoint;
import dev.sampan.apiserver.discovery.ServerVersion;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.apiserver.wire.ResponseWriter;
import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** Answers what is not about resources: discovery, OpenAPI, version, health, metrics. */
final class SystemPaths implements Pipeline.PathEndpoint {

    private static final String TEXT = "text/plain; charset=utf-8";

    private final DiscoveryEndpoint discovery;
    private final List<Function<ApiRequest, @Nullable ApiResponse>> further;
    private final Supplier<byte[]> metrics;
    private final Map<String, BooleanSupplier> checks;

    /**
     * @param further endpoints that answer null for paths that are not theirs
     * @param metrics Prometheus' text
     * @param checks health checks by name
     */
    SystemPaths(
            DiscoveryEndpoint discovery,
            List<Function<ApiRequest, @Nullable ApiResponse>> further,
            Supplier<byte[]> metrics,
            Map<String, BooleanSupplier> checks) {
        this.metrics = metrics;
        this.discovery = discovery;
        this.further = further;
        this.checks = new LinkedHashMap<>(checks);
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        var path = request.path();
        if (path.equals("/api") || path.startsWith("/api/") || path.equals("/apis") || path.startsWith("/apis/")) {
            var found = discovery.handle(request);
            if (found != null) {
                return found;
            }
        }
        for (var endpoint : further) {
            var found = endpoint.apply(request);
            if (found != null) {
                return found;
            }
        }
        return switch (path) {
            case "/version", "/version/" -> json(ServerVersion.document());
            case "/healthz", "/livez", "/readyz" -> health(request, path.substring(1));
            case "/metrics" -> ResponseWriter.bytes(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
            case "/" -> index();
            default -> {
                var check = path.replaceFirst("^/(healthz|livez|readyz)/", "");
                if (checks.containsKey(check) && !check.equals(path)) {
                    yield checks.get(check).getAsBoolean() ? text(200, "ok") : text(500, "internal server error");
                }
                throw ApiException.pageNotFound();
            }
        };
    }

    private ApiResponse health(ApiRequest request, String name) {
        var excluded = request.query().getOrDefault("exclude", List.of());
        var report = new StringBuilder();
        boolean healthy = true;
        for (var check : checks.entrySet()) {
            if (excluded.contains(check.getKey())) {
                report.append("[+]").append(check.getKey()).append(" excluded: ok\n");
            } else if (check.getValue().getAsBoolean()) {
                report.append("[+]").append(check.getKey()).append(" ok\n");
            } else {
                healthy = false;
                report.append("[-]").append(check.getKey()).append(" failed: reason withheld\n");
            }
        }
        if (!healthy) {
            return text(500, report + name + " check failed\n");
        }
        return request.query().containsKey("verbose") ? text(200, report + name + " check passed\n") : text(200, "ok");
    }

    private static ApiResponse index() {
        var document = JsonNodeFactory.instance.objectNode();
        var paths = document.putArray("paths");
        List.of(
                        "/api",
                        "/api/v1",
                        "/apis",
                        "/healthz",
                        "/livez",
                        "/metrics",
                        "/openapi/v2",
                        "/openapi/v3",
                        "/readyz",
                        "/version")
                .forEach(paths::add);
        return json(document);
    }

    private static ApiResponse json(tools.jackson.databind.node.ObjectNode document) {
        return ResponseWriter.bytes(200, MediaType.JSON, Json.write(document));
    }

    private static ApiResponse text(int code, String body) {
        return ResponseWriter.bytes(code, TEXT, body.getBytes(StandardCharsets.UTF_8));
    }
}
