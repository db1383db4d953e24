package dev.sampan.benchmarks;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;

/** Administrators of an API server over HTTP/2 with TLS: as many connections as the watches need, and one ConfigMap of 1 KB. */
final class ApiClients implements AutoCloseable {

    private static final int WATCHES_A_CONNECTION = 100;
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private final URI server;
    private final List<HttpClient> clients = new ArrayList<>();
    private int watches;
    private int updates;

    ApiClients(URI server, Path pki, int watches) throws GeneralSecurityException {
        this.server = server;
        var directory = new PkiDirectory(pki, InstantSource.system());
        var tls = KeyStores.tls(directory.admin(), List.of(directory.clusterCa().certificate()));
        for (int i = 0; i <= watches / WATCHES_A_CONNECTION; i++) {
            clients.add(HttpClient.newBuilder().sslContext(tls).build());
        }
    }

    void createConfigMap() throws IOException, InterruptedException {
        send(request(MAPS)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "watched"}, "data": {"text": "%s"}}""".formatted("x".repeat(800)))));
    }

    void update() throws IOException, InterruptedException {
        send(request(MAPS + "/watched")
                .header("content-type", "application/merge-patch+json")
                .method(
                        "PATCH",
                        HttpRequest.BodyPublishers.ofString("{\"data\": {\"count\": \"" + updates++ + "\"}}")));
    }

    /** Calls back for each event from now on. */
    void watch(Runnable onEvent) {
        var client = clients.get(1 + watches++ / WATCHES_A_CONNECTION);
        var request = request(MAPS + "?watch=true&fieldSelector=metadata.name%3Dwatched")
                .build();
        client.sendAsync(request, HttpResponse.BodyHandlers.fromLineSubscriber(new Lines(onEvent)))
                .exceptionally(e -> null); // the end of the measurement
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path));
    }

    private void send(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = clients.getFirst().send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(response.statusCode() + " " + response.body());
        }
    }

    @Override
    public void close() {
        clients.forEach(HttpClient::shutdownNow);
    }

    private record Lines(Runnable onLine) implements Flow.Subscriber<String> {

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            onLine.run();
        }

        @Override
        public void onError(Throwable problem) {
            // the connection was closed: what is missing will be missed
        }

        @Override
        public void onComplete() {
            // as above
        }
    }
}
