package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries bytes between a client and a server untouched. Either may end its side first: what the server still has to say is
 * carried to the end, and the client may answer the server's end, as a WebSocket's closing handshake wants it. The tunnel
 * ends with both sides, a little after the server's, or when one of them breaks.
 */
final class SocketTunnel implements ApiResponse.Tunnel {

    private static final Logger LOG = LoggerFactory.getLogger(SocketTunnel.class);

    /** How long a client may take to answer the server's end. A connection closed sooner would break under its answer. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Socket server;

    SocketTunnel(Socket server) {
        this.server = server;
    }

    @Override
    public void run(InputStream fromClient, OutputStream toClient) throws IOException {
        try (server) {
            var upwards = Thread.ofVirtual().name("tunnel-up").start(() -> up(fromClient));
            try {
                copy(server.getInputStream(), toClient);
                toClient.close();
                upwards.join(ANSWER);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                upwards.interrupt();
            }
        }
    }

    private void up(InputStream fromClient) {
        try {
            copy(fromClient, server.getOutputStream());
            server.shutdownOutput();
        } catch (IOException e) {
            // The client is gone in the middle of it: the server is told by the connection's end, and run() with it.
            LOG.debug("tunnel from the client ended: {}", e.toString());
            Exchange.closeQuietly(server);
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        var buffer = new byte[16 * 1024];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            out.flush();
        }
    }
}
