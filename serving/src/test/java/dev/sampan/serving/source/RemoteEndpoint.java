package dev.sampan.serving.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A web server whose files tests change, cut off and take away. */
final class RemoteEndpoint implements AutoCloseable {
    private final HttpServer server;
    final Map<String, byte[]> files = new ConcurrentHashMap<>();
    /** Paths whose bodies end half-way. */
    final List<String> cutOff = new CopyOnWriteArrayList<>();

    final AtomicInteger refused = new AtomicInteger();
    private volatile Gate gate = exchange -> null;

    /** Looks at a request before the files do. */
    interface Gate {
        /** The answer; null to go on. */
        @Nullable
        Answer answer(HttpExchange exchange) throws IOException;
    }

    record Answer(int status, Map<String, String> headers, String body) {}

    RemoteEndpoint() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(command -> Thread.ofVirtual().start(command));
        server.start();
    }

    void gate(Gate newGate) {
        gate = newGate;
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    URI uri(String path) {
        return URI.create("http://" + authority() + path);
    }

    void put(String path, String text) {
        files.put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answer = gate.answer(exchange);
            if (answer != null) {
                answer.headers.forEach(
                        (name, value) -> exchange.getResponseHeaders().set(name, value));
                send(exchange, answer.status, answer.body.getBytes(StandardCharsets.UTF_8));
                return;
            }
            var path = exchange.getRequestURI().getPath();
            var file = files.get(path);
            if (file == null) {
                refused.incrementAndGet();
                send(exchange, 404, ("there is no " + path).getBytes(StandardCharsets.UTF_8));
                return;
            }
            exchange.getResponseHeaders().set("ETag", "\"" + java.util.Arrays.hashCode(file) + "\"");
            if (cutOff.contains(path) && exchange.getRequestMethod().equals("GET")) {
                refused.incrementAndGet();
                exchange.sendResponseHeaders(200, file.length);
                exchange.getResponseBody().write(file, 0, file.length / 2);
                return;
            }
            send(exchange, 200, file);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
