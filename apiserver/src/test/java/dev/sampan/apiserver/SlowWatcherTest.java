package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.store.MemoryStore;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that open a watch over the network and do not read: they are cut off, and others notice nothing. */
final class SlowWatcherTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    /** More, together, than one watcher may leave lying: writes of half a megabyte. */
    private static final int WRITES = 200;

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

    private SSLContext tls() throws Exception {
        var directory = new PkiDirectory(pki, InstantSource.system());
        return KeyStores.tls(directory.admin(), List.of(directory.clusterCa().certificate()));
    }

    @Test
    void isCutOffOverHttp1() throws Exception {
        try (var socket = (SSLSocket) tls().getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
            var request = "GET " + MAPS + "?watch=true HTTP/1.1\r\nHost: api\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            isCutOff();
        }
    }

    @Test
    void isCutOffOverHttp2() throws Exception {
        try (var client = HttpClient.newBuilder().sslContext(tls()).build()) {
            var request =
                    HttpRequest.newBuilder(uri.resolve(MAPS + "?watch=true")).build();
            try (InputStream unread =
                    client.send(request, BodyHandlers.ofInputStream()).body()) {
                isCutOff();
                assertThat(unread).isNotNull();
            }
            var other = HttpRequest.newBuilder(uri.resolve(MAPS + "/m")).build();
            assertThat(client.send(other, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
        }
    }

    private void isCutOff() {
        Awaitility.await().until(() -> api.watches().count() == 1);
        var text = "x".repeat(512 * 1024);
        try (var attentive = new TestWatch((ApiResponse.Stream) api.handle(
                ApiRequest.of(TestServer.ADMIN, "GET", MAPS + "?watch=true&fieldSelector=metadata.name%3Dlast")))) {
            for (int i = 0; i < WRITES; i++) {
                write("m", i + text);
            }
            write("last", "");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> api.watches().count() == 1);
            assertThat(attentive.first(1)).containsExactly("ADDED last");
        }
    }

    private void write(String name, String text) {
        var body =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\"},\"data\":{\"a\":\"%s\"}}"
                        .formatted(name, text);
        var path = MAPS + "/" + name;
        var request = ApiRequest.of(TestServer.ADMIN, "PUT", path).withJson(body);
        if (api.handle(request).status() == 404) {
            var create = ApiRequest.of(TestServer.ADMIN, "POST", MAPS).withJson(body);
            assertThat(api.handle(create).status()).isEqualTo(201);
        }
    }
}
