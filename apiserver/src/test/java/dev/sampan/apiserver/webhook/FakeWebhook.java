package dev.sampan.apiserver.webhook;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An HTTPS server with a certificate authority of its own that answers AdmissionReviews as the test says, path by path. */
public final class FakeWebhook implements AutoCloseable {

    private final HttpsServer server;
    private final PkiDirectory pki;
    private final Queue<String> calls = new ConcurrentLinkedQueue<>();
    private final ConcurrentMap<String, JsonNode> requests = new ConcurrentHashMap<>();

    public FakeWebhook(Path directory) throws Exception {
        pki = new PkiDirectory(directory, InstantSource.system());
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(KeyStores.tls(
                pki.apiServer(List.of("hooks.team.svc")),
                List.of(pki.clusterCa().certificate()))));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String url(String path) {
        return "https://127.0.0.1:" + port() + path;
    }

    /** For {@code caBundle}. */
    public String bundle() {
        return Base64.getEncoder()
                .encodeToString(Pem.encode(pki.clusterCa().certificate()).getBytes(StandardCharsets.UTF_8));
    }

    /** Paths that were called, in order. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    public void forgetCalls() {
        calls.clear();
    }

    /** The {@code request} of the last review at a path. */
    public JsonNode request(String path) {
        return requests.getOrDefault(path, tools.jackson.databind.node.MissingNode.getInstance());
    }

    /** Answers with the given {@code response}, to which the uid is added. */
    public FakeWebhook answer(String path, Function<JsonNode, ObjectNode> response) {
        return raw(path, 200, review -> {
            var answer = JsonNodeFactory.instance.objectNode();
            answer.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
            var request = review.path("request");
            answer.set(
                    "response",
                    response.apply(request).put("uid", request.path("uid").asString()));
            return answer.toString();
        });
    }

    /** Answers with any text. */
    public FakeWebhook raw(String path, int status, Function<JsonNode, String> answer) {
        server.createContext(path, exchange -> {
            var review = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
            calls.add(path);
            requests.put(path, review.path("request"));
            var body = answer.apply(review).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        return this;
    }

    public static ObjectNode allowed(boolean allowed) {
        return JsonNodeFactory.instance.objectNode().put("allowed", allowed);
    }

    public static ObjectNode patched(String patch) {
        return allowed(true)
                .put("patchType", "JSONPatch")
                .put("patch", Base64.getEncoder().encodeToString(patch.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
