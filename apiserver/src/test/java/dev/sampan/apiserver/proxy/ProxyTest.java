package dev.sampan.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.store.MemoryStore;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through the real TLS port to a node that is played, and to a pod's own HTTP server. */
class ProxyTest {

    private static final UserInfo ADMIN = UserInfo.of("kubernetes-admin", UserInfo.MASTERS);

    @TempDir
    Path temp;

    private ApiServer server;
    private FakeNode node;
    private SSLContext tls;

    @BeforeEach
    void start() throws Exception {
        var pki = new PkiDirectory(temp.resolve("pki"), InstantSource.system());
        node = new FakeNode(pki);
        server = new ApiServer(ApiServerConfig.defaults(temp.resolve("pki")).withPort(0), new MemoryStore());
        server.start();
        tls = KeyStores.tls(pki.admin(), List.of(pki.clusterCa().certificate()));
        post("/api/v1/namespaces", "Namespace", "\"metadata\":{\"name\":\"team\"}");
        post("/api/v1/namespaces/team/serviceaccounts", "ServiceAccount", "\"metadata\":{\"name\":\"default\"}");
        post(
                "/api/v1/nodes",
                "Node",
                "\"metadata\":{\"name\":\"one\"},\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":"
                        + "\"127.0.0.1\"}],\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":" + node.port() + "}}}");
        post(
                "/api/v1/namespaces/team/pods",
                "Pod",
                "\"metadata\":{\"name\":\"web\"},\"spec\":{\"nodeName\":\"one\",\"containers\":["
                        + "{\"name\":\"main\",\"image\":\"x\"},{\"name\":\"broken\",\"image\":\"x\"}]}");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        node.close();
    }

    @Test
    void logsComeFromTheNode() throws Exception {
        var answer = get("/api/v1/namespaces/team/pods/web/log?container=main&tailLines=3&follow=true");
        assertThat(answer.body()).isEqualTo("one\ntwo\nthree\n");
        assertThat(answer.headers().firstValue("content-type")).contains("text/plain");
        assertThat(request()).startsWith("GET /containerLogs/team/web/main?follow=true&tailLines=3 HTTP/1.1");
    }

    @Test
    void metricsComeFromTheNodes() throws Exception {
        var uid = get("/api/v1/namespaces/team/pods/web").body().replaceAll("(?s).*\"uid\":\"([^\"]+)\".*", "$1");
        var cpu =
                "\"cpu\":{\"time\":\"2026-01-02T03:04:05.6Z\",\"usageNanoCores\":250000000,\"windowNanos\":15000000000}";
        var use = cpu + ",\"memory\":{\"workingSetBytes\":2097152}";
        node.summary =
                "{\"node\":{%s},\"pods\":[{\"podRef\":{\"uid\":\"%s\"},\"containers\":[{\"name\":\"main\",%s}]}]}"
                        .formatted(use, uid, use);
        var metrics = "/apis/metrics.k8s.io/v1beta1";

        assertThat(get(metrics + "/nodes").body())
                .contains("\"kind\":\"NodeMetricsList\"", "\"name\":\"one\"")
                .contains("\"timestamp\":\"2026-01-02T03:04:05Z\",\"window\":\"15000ms\"")
                .contains("\"usage\":{\"cpu\":\"250000000n\",\"memory\":\"2048Ki\"}");
        assertThat(get(metrics + "/namespaces/team/pods/web").body())
                .contains("\"kind\":\"PodMetrics\"", "\"namespace\":\"team\"")
                .contains("[{\"name\":\"main\",\"usage\":{\"cpu\":\"250000000n\",\"memory\":\"2048Ki\"}}]");
        assertThat(get(metrics + "/pods?labelSelector=app%3Dother").body()).contains("\"items\":[]");
        assertThat(get(metrics + "/pods").body()).contains("\"name\":\"web\"");
        assertThat(get(metrics + "/nodes/nosuch").statusCode()).isEqualTo(404);
        assertThat(get(metrics).body()).contains("\"kind\":\"NodeMetrics\"", "\"verbs\":[\"get\",\"list\"]");
    }

    @Test
    void aNodeWithoutAnAnswerHasNoMetrics() throws Exception {
        node.summary = "no JSON";

        assertThat(get("/apis/metrics.k8s.io/v1beta1/nodes").body()).contains("\"items\":[]");
        assertThat(get("/apis/metrics.k8s.io/v1beta1/nodes/one").statusCode()).isEqualTo(503);
    }

    @Test
    void logErrorsAreStatuses() throws Exception {
        assertThat(get("/api/v1/namespaces/team/pods/web/log").body())
                .contains("a container name must be specified for pod web, choose one of: [main broken]");
        assertThat(get("/api/v1/namespaces/team/pods/web/log?container=gone").body())
                .contains("container gone is not valid for pod web");
        assertThat(get("/api/v1/namespaces/team/pods/web/log?container=main&tailLines=-1")
                        .body())
                .contains("tailLines: Invalid value: -1: must be greater than or equal to 0");
        var broken = get("/api/v1/namespaces/team/pods/web/log?container=broken");
        assertThat(broken.statusCode()).isEqualTo(400);
        assertThat(broken.body()).contains("\"message\":\"not started\"", "\"reason\":\"BadRequest\"");
        node.close();
        var dead = get("/api/v1/namespaces/team/pods/web/log?container=main");
        assertThat(dead.statusCode()).isEqualTo(503);
        assertThat(dead.body()).contains("error trying to reach service");
    }

    @Test
    void execIsATunnelWithItsHalvesClosedOneByOne() throws Exception {
        var uri = server.uri();
        try (var socket = (SSLSocket) tls.getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
            var out = socket.getOutputStream();
            // The first bytes of the tunnel come together with the request, as they may.
            out.write(
                    ("GET /api/v1/namespaces/team/pods/web/exec?command=sh&command=-c&stdin=true&stdout=true&container=main"
                                    + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                    + "Sec-WebSocket-Key: abc\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\nearly;")
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            var head = FakeNode.head(socket.getInputStream());
            assertThat(head)
                    .startsWith("HTTP/1.1 101")
                    .containsIgnoringCase("Sec-WebSocket-Protocol: v5.channel.k8s.io");
            assertThat(head).containsIgnoringCase("Upgrade: websocket");
            out.write("x".repeat(200_000).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            socket.shutdownOutput();
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer)
                    .startsWith("hello;early;xxx")
                    .endsWith("xgoodbye")
                    .hasSize(200_000 + 19);
        }
        assertThat(request())
                .startsWith("GET /exec/team/web/main?command=sh&command=-c&input=1&output=1 HTTP/1.1")
                .containsIgnoringCase("sec-websocket-key: abc");
    }

    @Test
    void aClientThatVanishesEndsTheTunnel() throws Exception {
        var uri = server.uri();
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(uri.getHost(), uri.getPort());
        socket.getOutputStream()
                .write(
                        "GET /api/v1/namespaces/team/pods/web/portforward HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        assertThat(FakeNode.head(socket.getInputStream())).startsWith("HTTP/1.1 101");
        assertThat(request()).startsWith("GET /portForward/team/web HTTP/1.1");
        // A reset rather than an orderly end.
        socket.setSoLinger(true, 0);
        socket.close();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(t -> t.getName().equals("tunnel-up")));
    }

    @Test
    void withoutUpgradeThereIsNoStream() throws Exception {
        assertThat(get("/api/v1/namespaces/team/pods/web/exec?command=ls&stdout=true&container=main")
                        .body())
                .contains("Upgrade request required");
        assertThat(get("/api/v1/namespaces/team/pods/web/exec?stdout=true&container=main")
                        .body())
                .contains("you must specify at least 1 command for the container");
    }

    @Test
    void plainHttpToAPod() throws Exception {
        var web = HttpServer.create(new InetSocketAddress("127.10.0.9", 0), 0);
        web.createContext("/", exchange -> {
            var text = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                    + exchange.getRequestHeaders().containsKey("Authorization");
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        web.start();
        int port = web.getAddress().getPort();
        setPodIp("127.10.0.9");
        assertThat(get("/api/v1/namespaces/team/pods/web:" + port + "/proxy/a%20b/c?x=1&y=%26")
                        .body())
                .isEqualTo("GET /a%20b/c?x=1&y=%26 false");
        assertThat(get("/api/v1/namespaces/team/pods/web:" + port + "/proxy/").body())
                .isEqualTo("GET / false");
        setPodIp("127.0.0.1");
        assertThat(get("/api/v1/namespaces/team/pods/web:" + port + "/proxy/").body())
                .contains("address not allowed");
        web.stop(0);
    }

    private String request() throws InterruptedException {
        var request = node.requests.poll(10, TimeUnit.SECONDS);
        return request == null ? "none within ten seconds" : request;
    }

    private void setPodIp(String address) {
        var request = ApiRequest.of(
                ADMIN,
                "PATCH",
                "/api/v1/namespaces/team/pods/web/status",
                java.util.Map.of("content-type", List.of("application/merge-patch+json")),
                ("{\"status\":{\"podIP\":\"" + address + "\"}}").getBytes(StandardCharsets.UTF_8));
        assertThat(server.handle(request).status()).isEqualTo(200);
    }

    private java.net.http.HttpResponse<String> get(String path) throws Exception {
        try (var client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(server.uri() + path)).build(), BodyHandlers.ofString());
        }
    }

    private void post(String path, String kind, String fields) {
        var request = ApiRequest.of(ADMIN, "POST", path)
                .withJson("{\"apiVersion\":\"v1\",\"kind\":\"" + kind + "\"," + fields + "}");
        var answer = (ApiResponse.Complete) server.handle(request);
        assertThat(answer.status())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(201);
    }
}
