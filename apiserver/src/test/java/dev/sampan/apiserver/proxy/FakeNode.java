package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A node's HTTPS API in small: logs are three chunks; exec switches protocols, says hello, echoes what it hears and says
 * goodbye when the client has ended its side.
 */
final class FakeNode implements AutoCloseable {

    final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    volatile String summary = "{}";
    private final SSLServerSocket socket;

    FakeNode(PkiDirectory pki) throws Exception {
        var tls = KeyStores.tls(
                pki.nodeServing("one", List.of()), List.of(pki.clusterCa().certificate()));
        socket = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        socket.setNeedClientAuth(true);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                var connection = (SSLSocket) socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SSLSocket connection) {
        try (connection) {
            var head = head(connection.getInputStream());
            requests.add(head);
            var out = connection.getOutputStream();
            if (head.startsWith("GET /stats/summary ")) {
                var body = summary.getBytes(StandardCharsets.UTF_8);
                out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
            } else if (head.contains("/containerLogs/team/web/broken")) {
                out.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 12\r\n\r\nnot started\n"
                        .getBytes(StandardCharsets.US_ASCII));
            } else if (head.contains("/containerLogs/")) {
                out.write(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            } else {
                out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\nhello;")
                        .getBytes(StandardCharsets.US_ASCII));
                var in = connection.getInputStream();
                var buffer = new byte[1024];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    out.write(buffer, 0, n);
                    out.flush();
                }
                out.write("goodbye".getBytes(StandardCharsets.US_ASCII));
            }
            out.flush();
        } catch (IOException e) {
            requests.add("broken: " + e);
        }
    }

    static String head(InputStream in) throws IOException {
        var text = new StringBuilder();
        while (!text.toString().endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed after: " + text);
            }
            text.append((char) b);
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
