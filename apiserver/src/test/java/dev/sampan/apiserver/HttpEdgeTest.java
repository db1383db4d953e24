package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.schema.codec.Json;
import dev.sampan.store.MemoryStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The API over TLS with real clients. */
final class HttpEdgeTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @TempDir
    private Path pki;

    private final MemoryStore store = new MemoryStore();
    private ApiServer api;
    private URI uri;

    @BeforeEach
    void start() {
        api = new ApiServer(ApiServerConfig.defaults(pki).withPort(0), store);
        api.start();
        uri = api.uri();
    }

    @AfterEach
    void stop() {
        api.close();
        store.close();
    }

    private HttpClient client(HttpClient.Version version, boolean withCertificate) throws Exception {
        var directory = new PkiDirectory(pki, InstantSource.system());
        var authority = List.of(directory.clusterCa().certificate());
        var self = withCertificate ? directory.admin() : directory.client("nobody", "nobody");
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(KeyStores.tls(self, authority))
                .build();
    }

    private SSLSocket http1Socket() throws Exception {
        var directory = new PkiDirectory(pki, InstantSource.system());
        var tls = KeyStores.tls(directory.admin(), List.of(directory.clusterCa().certificate()));
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(uri.getHost(), uri.getPort());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        return socket;
    }

    @Test
    void agreesOnHttp1WithClientsThatOfferNothingElse() throws Exception {
        try (var socket = http1Socket()) {
            socket.startHandshake();

            assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    /** Python's urllib3 gives a chunk out when it has the line end that closes it. */
    @Test
    void sendsAWholeChunkForEachEventOverHttp1() throws Exception {
        var map = HttpRequest.newBuilder(uri.resolve(MAPS))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"metadata\": {\"name\": \"one\"}}"));
        assertThat(send(client(HttpClient.Version.HTTP_2, true), map).statusCode())
                .isEqualTo(201);
        try (var socket = http1Socket();
                var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.setSoTimeout(5_000);
            var request = "GET " + MAPS + "?watch=true&fieldSelector=metadata.name%3Done&timeoutSeconds=60 HTTP/1.1\r\n"
                    + "Host: api\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));

            var head = in.lines().takeWhile(line -> !line.isEmpty()).toList();
            int size = Integer.parseInt(in.readLine(), 16);
            var event = in.readLine();
            var end = in.readLine();

            assertThat(head).startsWith("HTTP/1.1 200 OK").containsOnlyOnce("Transfer-Encoding: chunked");
            assertThat(event).startsWith("{\"type\":\"ADDED\"").hasSize(size - 1);
            assertThat(end).isEmpty();
        }
    }

    private HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri.resolve(path));
    }

    private static String map(String name, String value) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\"},\"data\":{\"a\":\"%s\"}}"
                .formatted(name, value);
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void knowsClientsByTheirCertificate(HttpClient.Version version) throws Exception {
        try (var admin = client(version, true);
                var nobody = client(version, false)) {
            var created = send(admin, request(MAPS).POST(BodyPublishers.ofString(map("one", "1"))));
            assertThat(created.statusCode()).isEqualTo(201);
            assertThat(created.version()).isEqualTo(version);
            assertThat(created.headers().firstValue("cache-control")).contains("no-cache, private");
            assertThat(send(nobody, request(MAPS)).statusCode()).isEqualTo(403);
            assertThat(send(admin, request(MAPS + "/one").DELETE()).statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void streamsEventsAndNoticesWhenTheClientGoes(HttpClient.Version version) throws Exception {
        var watcher = client(version, true);
        var answer = watcher.send(request(MAPS + "?watch=true").build(), BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
                var writer = client(version, true)) {
            for (int i = 0; i < 3; i++) {
                send(writer, request(MAPS).POST(BodyPublishers.ofString(map("m" + i, "1"))));
                var event = Json.read(lines.readLine().getBytes(StandardCharsets.UTF_8))
                        .tree();
                assertThat(event.path("type").asString("")).isEqualTo("ADDED");
            }
            assertThat(api.watches().count()).isEqualTo(1);
            watcher.shutdownNow();
            Awaitility.await().until(() -> api.watches().count() == 0);
        }
    }

    @Test
    void endsWatchesCleanlyWhenItCloses() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2, true)) {
            var answer = client.send(request(MAPS + "?watch=true").build(), BodyHandlers.ofInputStream());
            Awaitility.await().until(() -> api.watches().count() == 1);
            api.close();
            assertThat(answer.body().readAllBytes()).isEmpty();
        }
    }

    @Test
    void refusesLargeBodies() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_1_1, true)) {
            var answer = send(client, request(MAPS).POST(BodyPublishers.ofByteArray(new byte[3 * 1024 * 1024 + 1])));
            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.body()).contains("\"reason\":\"RequestEntityTooLarge\"");
            assertThat(send(client, request("/version")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void compressesLargeLists() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2, true)) {
            for (int i = 0; i < 4; i++) {
                send(client, request(MAPS).POST(BodyPublishers.ofString(map("m" + i, "x".repeat(50_000)))));
            }
            var answer =
                    client.send(request(MAPS).header("accept-encoding", "gzip").build(), BodyHandlers.ofByteArray());
            assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
            assertThat(answer.body().length).isLessThan(10_000);
        }
    }

    @Test
    void saysWhenThePortIsTaken() {
        var config = ApiServerConfig.defaults(pki).withPort(uri.getPort());
        try (var second = new ApiServer(config, store)) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Port %d on 127.0.0.1 is taken: choose another port, or stop what listens there"
                            .formatted(uri.getPort()));
        }
    }

    @Test
    void survivesManyIdleWatches() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2, true)) {
            var answers = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < 300; i++) {
                answers.add(client.sendAsync(request(MAPS + "?watch=true").build(), BodyHandlers.ofInputStream()));
            }
            Awaitility.await().until(() -> api.watches().count() == 300);
            assertThat(send(client, request("/version")).statusCode()).isEqualTo(200);
            client.shutdownNow();
            Awaitility.await().until(() -> api.watches().count() == 0);
            assertThat(answers).hasSize(300);
        }
    }
}
