package dev.sampan.network.gateway;

import dev.sampan.network.ingress.BackendRef;
import dev.sampan.network.ingress.RouteTable;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A gateway on free ports whose routes, endpoints and certificates a test sets as it likes. */
final class GatewayFixture implements AutoCloseable {

    volatile RouteTable routes = RouteTable.empty();
    final Map<String, List<InetSocketAddress>> endpoints = new ConcurrentHashMap<>();
    final Map<String, Certificate> certificates = new ConcurrentHashMap<>();
    final List<String> accessLog = Collections.synchronizedList(new ArrayList<>());
    final Gateway gateway;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    GatewayFixture() throws IOException {
        gateway = new Gateway("127.0.0.1", 0, 0, () -> routes, this::resolve, this::certificate, accessLog::add);
        gateway.start();
    }

    private Backends.Resolution resolve(BackendRef backend) {
        List<InetSocketAddress> found = endpoints.getOrDefault(backend.service(), List.of());
        return found.isEmpty()
                ? new Backends.Resolution.None("service " + backend + " has no ready endpoint")
                : new Backends.Resolution.Endpoints(found);
    }

    private @Nullable Certificate certificate(String host) {
        String secret = host.isEmpty() ? null : routes.certificate(host);
        return certificates.get(secret == null ? "" : secret);
    }

    /** Routes everything to the service {@code web} at the given backends. */
    GatewayFixture web(InetSocketAddress... backends) {
        return web(Map.of(), backends);
    }

    GatewayFixture web(Map<String, String> annotations, InetSocketAddress... backends) {
        endpoints.put("web", Arrays.asList(backends));
        route(
                annotations,
                "{rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}");
        return this;
    }

    /** @param annotations names without the prefix */
    void route(Map<String, String> annotations, String spec) {
        var ingress =
                Serialization.unmarshal("metadata: {name: web, namespace: default}\nspec: " + spec, Ingress.class);
        Map<String, String> full = new java.util.HashMap<>();
        annotations.forEach((name, value) -> full.put("nginx.ingress.kubernetes.io/" + name, value));
        ingress.getMetadata().setAnnotations(full);
        routes = RouteTable.of(List.of(ingress));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.httpPort() + path);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, byte[] body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        gateway.close();
        client.close();
    }
}
