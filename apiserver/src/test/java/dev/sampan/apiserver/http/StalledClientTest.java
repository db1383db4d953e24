package dev.sampan.apiserver.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiResponse.StreamBody;
import dev.sampan.apiserver.ApiResponse.StreamSink;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that stop in the middle of something lose their connection or their request, and cost nobody else anything. */
final class StalledClientTest {

    private static final Duration STALLED = Duration.ofMillis(300);
    private static final int MANY = 200;
    private static final byte[] CHUNK = new byte[64 * 1024];

    @TempDir
    private Path pki;

    private final CountDownLatch speak = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private SSLContext tls;
    private HttpEdge edge;
    private URI uri;

    @BeforeEach
    void start() throws Exception {
        var directory = new PkiDirectory(pki, InstantSource.system());
        var authority = List.of(directory.clusterCa().certificate());
        tls = KeyStores.tls(directory.admin(), authority);
        var server = KeyStores.tls(directory.apiServer(List.of()), authority);
        edge = new HttpEdge("127.0.0.1", 0, server, this::answer, 1 << 20, STALLED);
        edge.start();
        uri = edge.uri();
    }

    @AfterEach
    void stop() {
        speak.countDown();
        edge.close();
    }

    private ApiResponse answer(ApiRequest request) {
        return switch (request.path()) {
            case "/large" -> new ApiResponse.Complete(200, Map.of(), new byte[64 << 20]);
            case "/endless" -> new ApiResponse.Stream(200, Map.of(), new Endless());
            case "/quiet" ->
                new ApiResponse.Stream(200, Map.of("content-type", List.of("application/json")), new Quiet());
            case "/tunnel" ->
                new ApiResponse.Upgrade(Map.of(), (in, out) -> {
                    awaitSpeak();
                    out.write("spoken".getBytes(US_ASCII));
                });
            case "/slow" -> {
                awaitSpeak();
                yield new ApiResponse.Complete(200, Map.of(), "late".getBytes(US_ASCII));
            }
            default -> new ApiResponse.Complete(200, Map.of(), "well".getBytes(US_ASCII));
        };
    }

    private void awaitSpeak() {
        try {
            speak.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Endless implements StreamBody {
        @Override
        public void writeTo(StreamSink sink) throws IOException {
            try {
                while (true) {
                    sink.write(CHUNK);
                }
            } finally {
                ended.countDown();
            }
        }

        @Override
        public void close() {}
    }

    private final class Quiet implements StreamBody {
        @Override
        public void writeTo(StreamSink sink) throws IOException {
            awaitSpeak();
            sink.write("spoken".getBytes(US_ASCII));
            sink.flush();
        }

        @Override
        public void close() {
            ended.countDown();
        }
    }

    private SSLSocket http1(String request) throws IOException {
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        return socket;
    }

    private HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder().version(version).sslContext(tls).build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri.resolve(path));
    }

    private void assertOthersAreServed() throws Exception {
        try (var other = client(HttpClient.Version.HTTP_2)) {
            assertThat(other.send(request("/").build(), BodyHandlers.ofString()).body())
                    .isEqualTo("well");
        }
    }

    @Test
    void forgetsRequestsWhoseBodyDoesNotCome() throws Exception {
        var sockets = new ArrayList<SSLSocket>();
        for (int i = 0; i < MANY; i++) {
            sockets.add(http1("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 1000\r\n\r\n{\"half"));
        }

        assertOthersAreServed();
        await().until(() -> edge.connections() == 0);
        for (var socket : sockets) {
            socket.close();
        }
    }

    @Test
    void forgetsRequestsWhoseBodyDoesNotComeOverHttp2() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2);
                var never = new SubmissionPublisher<ByteBuffer>()) {
            var answer = client.sendAsync(
                    request("/").POST(BodyPublishers.fromPublisher(never)).build(), BodyHandlers.ofString());

            await().until(answer::isDone);
            assertThat(failedOrRefused(answer)).isTrue();
            assertOthersAreServed();
        }
    }

    private static boolean failedOrRefused(CompletableFuture<HttpResponse<String>> answer) throws InterruptedException {
        try {
            return answer.get().statusCode() >= 400;
        } catch (ExecutionException e) {
            return true;
        }
    }

    @Test
    void forgetsAnswersThatAreNotRead() throws Exception {
        try (var socket = http1("GET /large HTTP/1.1\r\nHost: api\r\n\r\n")) {
            await().until(() -> edge.connections() == 1);

            await().until(() -> edge.connections() == 0);
            assertOthersAreServed();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void endsStreamsThatAreNotRead(HttpClient.Version version) throws Exception {
        var client = client(version);
        try (var unread = client.send(request("/endless").build(), BodyHandlers.ofInputStream())
                .body()) {
            await().until(() -> ended.getCount() == 0);
            assertOthersAreServed();
        } finally {
            client.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void keepsStreamsOnWhichNothingHappens(HttpClient.Version version) throws Exception {
        var client = client(version);
        try (var quiet = client.send(request("/quiet").build(), BodyHandlers.ofInputStream())
                .body()) {
            await().during(STALLED.multipliedBy(4)).until(() -> ended.getCount() == 1);
            speak.countDown();

            assertThat(new String(quiet.readAllBytes(), US_ASCII)).isEqualTo("spoken");
        } finally {
            client.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void letsAnswersTakeTheirTime(HttpClient.Version version) throws Exception {
        try (var client = client(version)) {
            var answer = client.sendAsync(request("/slow").build(), BodyHandlers.ofString());
            await().during(STALLED.multipliedBy(4)).until(() -> !answer.isDone());
            speak.countDown();

            assertThat(answer.get().body()).isEqualTo("late");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void refusesHeadersWithoutEnd(HttpClient.Version version) throws Exception {
        try (var client = client(version)) {
            var flooded = request("/");
            for (int i = 0; i < 100; i++) {
                flooded.header("x-flood-" + i, "x".repeat(1024));
            }
            var answer = client.sendAsync(flooded.build(), BodyHandlers.ofString());

            await().until(answer::isDone);
            assertThat(failedOrRefused(answer)).isTrue();
            assertOthersAreServed();
        }
    }

    @Test
    void keepsTunnelsThroughWhichNothingGoes() throws Exception {
        try (var socket = http1("GET /tunnel HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n")) {
            await().until(() -> edge.connections() == 1);
            await().during(STALLED.multipliedBy(4)).until(() -> edge.connections() == 1);
            speak.countDown();

            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith("HTTP/1.1 101 ")
                    .endsWith("spoken");
        }
    }

    @Test
    void keepsWebSocketsOnWhichNothingHappens() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_1_1)) {
            var heard = new CompletableFuture<String>();
            var socket = client.newWebSocketBuilder()
                    .buildAsync(URI.create("wss://127.0.0.1:" + uri.getPort() + "/quiet"), new WebSocket.Listener() {
                        @Override
                        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                            heard.complete(text.toString());
                            return null;
                        }
                    })
                    .get();
            await().during(STALLED.multipliedBy(4)).until(() -> ended.getCount() == 1);
            speak.countDown();

            assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo("spoken");
            socket.abort();
        }
    }
}
