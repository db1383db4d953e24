package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One HTTP/1.1 request on a connection of its own, answered as it comes: a stream of the body, or a tunnel when the server
 * switches protocols.
 */
final class Exchange {

    /** Headers between two neighbours that are not passed on (RFC 9110, section 7.6.1), and what Kubernetes keeps to itself. */
    private static final Set<String> NOT_PASSED_ON = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "te",
            "trailer",
            "upgrade",
            "host",
            "content-length",
            "authorization",
            "expect");

    private final Target target;
    private final String method;
    private final String pathAndQuery;
    private final Map<String, List<String>> headers;
    private final byte[] body;

    /** @param pathAndQuery percent-encoded, beginning with a slash */
    Exchange(Target target, String method, String pathAndQuery, Map<String, List<String>> headers, byte[] body) {
        this.target = target;
        this.method = method;
        this.pathAndQuery = pathAndQuery;
        this.headers = headers;
        this.body = body;
    }

    /** Whether a client asks to switch protocols. */
    static boolean isUpgrade(Map<String, List<String>> headers) {
        for (var value : headers.getOrDefault("connection", List.of())) {
            if (value.toLowerCase(Locale.ROOT).contains("upgrade")) {
                return headers.containsKey("upgrade");
            }
        }
        return false;
    }

    /** @throws ApiException 502 or 504-like Status when the server cannot be reached or speaks no HTTP */
    ApiResponse run() {
        Socket socket = null;
        try {
            socket = target.connect();
            send(socket);
            var in = socket.getInputStream();
            var head = ResponseHead.read(in);
            while (head.status() >= 100 && head.status() < 200 && head.status() != 101) {
                head = ResponseHead.read(in);
            }
            if (head.status() == 101) {
                return new ApiResponse.Upgrade(upgradeHeaders(head), new SocketTunnel(socket));
            }
            return new ApiResponse.Stream(head.status(), passedOn(head.headers()), body(head, socket, in));
        } catch (IOException e) {
            closeQuietly(socket);
            throw unreachable(e);
        }
    }

    private ApiException unreachable(IOException e) {
        var why = e.getMessage() == null ? e.toString() : e.getMessage();
        return new ApiException(new Status(
                503,
                "ServiceUnavailable",
                "error trying to reach service: %s %s: %s"
                        .formatted(method, target.uri(pathAndQuery.replaceAll("\\?.*", "")), why),
                null));
    }

    private void send(Socket socket) throws IOException {
        var text = new StringBuilder();
        text.append(method).append(' ').append(pathAndQuery).append(" HTTP/1.1\r\n");
        text.append("Host: ").append(target.authority()).append("\r\n");
        boolean upgrade = isUpgrade(headers);
        passedOn(headers).forEach((name, values) -> values.forEach(v -> line(text, name, v)));
        if (upgrade) {
            line(text, "Connection", "Upgrade");
            headers.getOrDefault("upgrade", List.of()).forEach(v -> line(text, "Upgrade", v));
        } else {
            line(text, "Connection", "close");
        }
        if (body.length > 0 || method.equals("POST") || method.equals("PUT") || method.equals("PATCH")) {
            line(text, "Content-Length", String.valueOf(body.length));
        }
        text.append("\r\n");
        var out = socket.getOutputStream();
        out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    private static void line(StringBuilder text, String name, String value) {
        // A line break in a value would begin another header.
        text.append(name).append(": ").append(value.replaceAll("[\\r\\n]", " ")).append("\r\n");
    }

    private static Map<String, List<String>> passedOn(Map<String, List<String>> headers) {
        var result = new java.util.LinkedHashMap<String, List<String>>();
        headers.forEach((name, values) -> {
            var lower = name.toLowerCase(Locale.ROOT);
            if (!NOT_PASSED_ON.contains(lower) && !lower.startsWith("impersonate-")) {
                result.put(lower, lower.equals("sec-websocket-protocol") ? withoutTokens(values) : values);
            }
        });
        return result;
    }

    /** A browser's bearer token is among the protocols it offers; it is not for the server behind. */
    private static List<String> withoutTokens(List<String> values) {
        var protocols = String.join(",", values).split(",");
        return List.of(java.util.Arrays.stream(protocols)
                .map(String::strip)
                .filter(p -> !p.startsWith("base64url.bearer.authorization.k8s.io."))
                .collect(java.util.stream.Collectors.joining(", ")));
    }

    private static Map<String, List<String>> upgradeHeaders(ResponseHead head) {
        var result = passedOn(head.headers());
        result.put("upgrade", head.headers().getOrDefault("upgrade", List.of()));
        return result;
    }

    private ApiResponse.StreamBody body(ResponseHead head, Socket socket, InputStream in) {
        var content = method.equals("HEAD") ? InputStream.nullInputStream() : head.content(in);
        return new ApiResponse.StreamBody() {
            @Override
            public void writeTo(ApiResponse.StreamSink sink) throws IOException {
                try (socket) {
                    var buffer = new byte[16 * 1024];
                    for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                        sink.write(java.util.Arrays.copyOf(buffer, n));
                        sink.flush();
                    }
                }
            }

            @Override
            public void close() {
                closeQuietly(socket);
            }
        };
    }

    static void closeQuietly(@org.jspecify.annotations.Nullable Socket socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                org.slf4j.LoggerFactory.getLogger(Exchange.class).debug("closing {}: {}", socket, e.toString());
            }
        }
    }

    /** The whole body of an answer, cut off at a size; for messages. */
    static String text(ApiResponse.StreamBody body, int maxBytes) throws IOException {
        var parts = new ArrayList<byte[]>();
        var size = new int[1];
        body.writeTo(new ApiResponse.StreamSink() {
            @Override
            public void write(byte[] bytes) {
                if (size[0] < maxBytes) {
                    parts.add(bytes);
                    size[0] += bytes.length;
                }
            }

            @Override
            public void flush() {}
        });
        var all = new java.io.ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toString(StandardCharsets.UTF_8);
    }
}
