package dev.sampan.network.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpForwardingTest {

    private GatewayFixture gateway;
    private final List<TinyServer> servers = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        gateway = new GatewayFixture();
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        for (TinyServer server : servers) {
            server.close();
        }
    }

    private TinyServer server(TinyServer.App app) throws IOException {
        var server = new TinyServer(app);
        servers.add(server);
        return server;
    }

    private TinyServer saying(String text) throws IOException {
        return server((request, out) -> TinyServer.text(out, text));
    }

    private static InetSocketAddress dead() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return (InetSocketAddress) free.getLocalSocketAddress();
        }
    }

    @Test
    void passesRequestAndAnswerOn() throws Exception {
        var server = server((request, out) -> TinyServer.write(
                out,
                201,
                "X-Answer: yes\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nKeep-Alive: timeout=5\r\n",
                request.method() + " " + request.target() + " " + request.text() + " "
                        + request.headers().get("x-custom")));
        gateway.web(server.address());
        var response = gateway.client.send(
                HttpRequest.newBuilder(gateway.uri("/a%20b//c?x=1&y=%2F"))
                        .header("X-Custom", "value")
                        .PUT(HttpRequest.BodyPublishers.ofString("body"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.body()).isEqualTo("PUT /a%20b//c?x=1&y=%2F body value");
        assertThat(response.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
        assertThat(response.headers().firstValue("keep-alive")).isEmpty();
    }

    @Test
    void tellsTheBackendWhoAsked() throws Exception {
        var server = server((request, out) -> TinyServer.text(
                out,
                request.headers().get("host") + "|" + request.headers().get("x-forwarded-for") + "|"
                        + request.headers().get("x-forwarded-proto") + "|"
                        + request.headers().get("x-forwarded-host") + "|"
                        + request.headers().get("x-original-forwarded-for") + "|"
                        + request.headers().get("x-real-ip") + "|"
                        + (request.headers().getOrDefault("x-request-id", "").length() == 32)));
        gateway.web(server.address());
        var response = gateway.client.send(
                HttpRequest.newBuilder(gateway.uri("/"))
                        .header("X-Forwarded-For", "6.6.6.6")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        String host = "127.0.0.1:" + gateway.gateway.httpPort();
        assertThat(response.body()).isEqualTo(host + "|127.0.0.1|http|" + host + "|6.6.6.6|127.0.0.1|true");
    }

    @Test
    void reusesConnections() throws Exception {
        var server = saying("x");
        gateway.web(server.address());
        for (int i = 0; i < 20; i++) {
            assertThat(gateway.get("/").body()).isEqualTo("x");
        }
        assertThat(server.connections).hasValue(1);
    }

    @Test
    void spreadsOverEndpoints() throws Exception {
        gateway.web(saying("a").address(), saying("b").address());
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(gateway.get("/").body());
        }
        assertThat(answers).containsExactly("a", "b", "a", "b");
    }

    @Test
    void answersForEachKindOfFailure() throws Exception {
        gateway.web();
        var none = gateway.get("/x");
        assertThat(none.statusCode()).isEqualTo(503);
        assertThat(none.body()).contains("service default/web:80 has no ready endpoint");

        gateway.web(dead());
        assertThat(gateway.get("/").statusCode()).isEqualTo(502);

        gateway.route(
                Map.of(),
                "{rules: [{host: h.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}");
        var unknown = gateway.get("/x");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("no Ingress for host");

        gateway.web(
                Map.of("proxy-read-timeout", "1"),
                server((request, out) -> new CountDownLatch(1).await()).address());
        var silent = gateway.get("/");
        assertThat(silent.statusCode()).isEqualTo(504);
        assertThat(silent.body()).contains("did not answer within 1 s");

        gateway.web(server((request, out) -> out.write("nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8)))
                .address());
        assertThat(gateway.get("/").statusCode()).isEqualTo(502);
    }

    @Test
    void aRefusingBackendIsReplacedUnnoticed() throws Exception {
        gateway.web(dead(), saying("alive").address(), dead());
        for (int i = 0; i < 10; i++) {
            assertThat(gateway.get("/").body()).isEqualTo("alive");
        }
    }

    @Test
    void aKeptConnectionThatTheBackendClosedIsNoFailure() throws Exception {
        var first = saying("first");
        gateway.web(first.address());
        assertThat(gateway.get("/").body()).isEqualTo("first");
        int port = first.address().getPort();
        first.kill();
        servers.add(new TinyServer((request, out) -> TinyServer.text(out, "second"), port));
        assertThat(gateway.post("/", new byte[] {1}).body()).isEqualTo("second");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aBackendThatDiesBeforeItAnswersIsReplaced(String method) throws Exception {
        var dying = server((request, out) -> {
            throw new IOException("crash");
        });
        gateway.web(dying.address(), saying("alive").address());
        for (int i = 0; i < 4; i++) {
            var response = gateway.client.send(
                    HttpRequest.newBuilder(gateway.uri("/"))
                            .method(method, HttpRequest.BodyPublishers.ofString("data"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.body()).isEqualTo("alive");
        }
        assertThat(dying.requests.get()).isPositive();
    }

    @Test
    void anIngressCanForbidToSendAPostAgain() throws Exception {
        var dying = server((request, out) -> {
            throw new IOException("crash");
        });
        gateway.web(
                Map.of("proxy-next-upstream", "error timeout"),
                dying.address(),
                saying("alive").address());
        assertThat(gateway.post("/", new byte[1]).statusCode()).isEqualTo(502);
    }

    @Test
    void anAnswerThatBreaksOffIsNotTakenForComplete() throws Exception {
        gateway.web(server((request, out) -> {
                    out.write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    throw new IOException("crash");
                })
                .address());
        assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(IOException.class);
    }

    @Test
    void killingABackendUnderLoadFailsNoRequest() throws Exception {
        TinyServer.App slow = (request, out) -> {
            // Long enough that requests are under way when the kill comes.
            java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
            TinyServer.text(out, request.text());
        };
        var survivor = server(slow);
        var victim = server(slow);
        gateway.web(survivor.address(), victim.address());
        var stop = new AtomicBoolean();
        var sent = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> failures = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                byte[] body = ("request " + i).getBytes(StandardCharsets.UTF_8);
                Callable<Integer> load = () -> {
                    int failed = 0;
                    while (!stop.get()) {
                        var response = gateway.post("/predict", body);
                        sent.incrementAndGet();
                        failed += response.statusCode() == 200
                                        && response.body().equals(new String(body, StandardCharsets.UTF_8))
                                ? 0
                                : 1;
                    }
                    return failed;
                };
                failures.add(threads.submit(load));
            }
            try {
                await().until(() -> sent.get() > 300);
                victim.kill();
                int atKill = sent.get();
                await().until(() -> sent.get() > atKill + 600);
            } finally {
                stop.set(true);
            }
            for (var failed : failures) {
                assertThat(failed.get()).isZero();
            }
        }
        assertThat(victim.requests.get()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 70_000, 5_000_000})
    void bodiesOfAllSizesBothWays(int size) throws Exception {
        gateway.web(
                server((request, out) -> TinyServer.text(out, request.text())).address());
        String body = "x".repeat(size);
        assertThat(gateway.post("/", body.getBytes(StandardCharsets.UTF_8)).body())
                .isEqualTo(body);
        // Without a length in advance:
        var chunked = gateway.client.send(
                HttpRequest.newBuilder(gateway.uri("/"))
                        .POST(HttpRequest.BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(chunked.body()).isEqualTo(body);
    }

    @Test
    void anAnswerStreamsAsItComes() throws Exception {
        var next = new CountDownLatch(1);
        gateway.web(server((request, out) -> {
                    out.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"
                                    .getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    next.await();
                    out.write("3\r\ntwo\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                })
                .address());
        var response = gateway.client.send(
                HttpRequest.newBuilder(gateway.uri("/")).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            assertThat(new String(in.readNBytes(3), StandardCharsets.UTF_8)).isEqualTo("one");
            next.countDown();
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("two");
        }
    }

    @Test
    void answersWithoutContent() throws Exception {
        gateway.web(server((request, out) -> {
                    String head = switch (request.target()) {
                        case "/none" -> "HTTP/1.1 204 No Content\r\n\r\n";
                        case "/same" -> "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n";
                        default ->
                            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                                    + (request.method().equals("HEAD") ? "" : "hello");
                    };
                    out.write(head.getBytes(StandardCharsets.UTF_8));
                })
                .address());
        assertThat(gateway.get("/none").statusCode()).isEqualTo(204);
        assertThat(gateway.get("/same").statusCode()).isEqualTo(304);
        var head = gateway.client.send(
                HttpRequest.newBuilder(gateway.uri("/")).HEAD().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(head.headers().firstValue("content-length")).contains("5");
        assertThat(gateway.get("/").body()).isEqualTo("hello");
    }

    @Test
    void anAnswerThatEndsWithItsConnection() throws Exception {
        gateway.web(server((request, out) -> {
                    out.write("HTTP/1.0 200 OK\r\n\r\nuntil the end".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    throw new java.io.EOFException("done");
                })
                .address());
        assertThat(gateway.get("/").body()).isEqualTo("until the end");
        assertThat(gateway.get("/").body()).isEqualTo("until the end");
    }

    @Test
    void bodiesAreLimitedWhereTheIngressSaysSo() throws Exception {
        var server = server((request, out) -> TinyServer.text(out, String.valueOf(request.body().length)));
        gateway.web(Map.of("proxy-body-size", "2k"), server.address());
        assertThat(gateway.post("/", new byte[2048]).body()).isEqualTo("2048");
        assertThat(gateway.post("/", new byte[2049]).statusCode()).isEqualTo(413);
        Supplier<InputStream> stream = () -> new java.io.ByteArrayInputStream(new byte[3_000_000]);
        var chunked = gateway.client.send(
                HttpRequest.newBuilder(gateway.uri("/"))
                        .POST(HttpRequest.BodyPublishers.ofInputStream(stream))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(chunked.statusCode()).isEqualTo(413);
    }

    @Test
    void pathsAreRewritten() throws Exception {
        gateway.endpoints.put(
                "web",
                List.of(server((request, out) -> TinyServer.text(out, request.target()))
                        .address()));
        gateway.route(
                Map.of("rewrite-target", "/$2"),
                "{rules: [{http: {paths: [{path: /app(/|$)(.*), pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}]}}]}");
        assertThat(gateway.get("/app/v1/models?x=1").body()).isEqualTo("/v1/models?x=1");
        assertThat(gateway.get("/other").statusCode()).isEqualTo(404);
    }

    @Test
    void logsEachRequest() throws Exception {
        var server = saying("hello");
        gateway.web(server.address());
        gateway.get("/x?y");
        await().untilAsserted(() -> assertThat(gateway.accessLog)
                .singleElement()
                .asString()
                .startsWith("127.0.0.1 \"GET /x?y HTTP/1.1\" 200 5 \"Java-http-client")
                .endsWith("[default/web:80] 127.0.0.1:" + server.address().getPort()));
    }
}
