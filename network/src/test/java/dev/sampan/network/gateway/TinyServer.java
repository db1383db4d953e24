package dev.sampan.network.gateway;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 server of the barest kind that can die as a killed process does: all its connections are reset. */
final class TinyServer implements AutoCloseable {

    /** Header names in lower case. */
    record Request(String method, String target, Map<String, String> headers, byte[] body, InputStream in) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** Writes a whole answer. */
    interface App {
        void answer(Request request, OutputStream out) throws Exception;
    }

    private final ServerSocket listener;
    private final App app;
    private final Thread acceptor;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();

    TinyServer(App app) throws IOException {
        this(app, 0);
    }

    TinyServer(App app, int port) throws IOException {
        this.app = app;
        this.listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 512);
        acceptor = Thread.ofVirtual().start(this::accept);
    }

    /** Answers each request with the text. */
    static TinyServer saying(String text) throws IOException {
        return new TinyServer((request, out) -> text(out, text));
    }

    static void text(OutputStream out, String text) throws IOException {
        write(out, 200, "Content-Type: text/plain\r\n", text);
    }

    static void write(OutputStream out, int status, String headers, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        out.write("HTTP/1.1 %d X\r\n%sContent-Length: %d\r\n\r\n"
                .formatted(status, headers, bytes.length)
                .getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            var out = new BufferedOutputStream(socket.getOutputStream());
            for (Request request = read(in); request != null; request = read(in)) {
                requests.incrementAndGet();
                app.answer(request, out);
                out.flush();
                if (request.headers.containsKey("upgrade")) {
                    return;
                }
            }
        } catch (Exception e) {
            // A client that went away, or kill().
        } finally {
            open.remove(socket);
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        byte[] body = new byte[0];
        if (headers.containsKey("content-length")) {
            body = in.readNBytes(Integer.parseInt(headers.get("content-length")));
        } else if ("chunked".equals(headers.get("transfer-encoding"))) {
            body = chunks(in);
        }
        String[] parts = first.split(" ");
        return new Request(parts[0], parts[1], headers, body, in);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var all = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            all.writeBytes(in.readNBytes(size));
            line(in);
        }
        line(in);
        return all.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        var text = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    /** Ends as a process that gets SIGKILL. */
    void kill() throws IOException {
        listener.close();
        try {
            // The port is free when nobody waits on it any more.
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException closedAlready) {
                // Just as well.
            }
        }
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
