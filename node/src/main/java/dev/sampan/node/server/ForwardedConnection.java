package dev.sampan.node.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One forwarded connection: two directions between a client's channel and a socket to the pod. */
final class ForwardedConnection {

    private static final Logger LOG = LoggerFactory.getLogger(ForwardedConnection.class);
    private static final int BUFFER = 32 * 1024;

    private final Dialer dialer;
    private final int port;

    ForwardedConnection(Dialer dialer, int port) {
        this.dialer = dialer;
        this.port = port;
    }

    /**
     * Carries both directions to their ends. That nobody listens on the port is told on {@code error}; a connection that breaks later just ends,
     * because kubectl takes any error for the end of the whole port-forward. Both outputs are closed in the end.
     */
    void run(InputStream fromClient, OutputStream toClient, OutputStream error) {
        try (var pod = dialer.dial(port)) {
            carry(pod, fromClient, toClient);
        } catch (IOException e) {
            report(error, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(error);
            closeQuietly(toClient);
        }
    }

    private void carry(Socket pod, InputStream fromClient, OutputStream toClient) throws InterruptedException {
        var upwards = Thread.ofVirtual().name("port-forward to pod " + port).start(() -> send(fromClient, pod));
        try (fromClient) {
            copy(pod.getInputStream(), toClient);
            toClient.close();
            upwards.join();
        } catch (IOException e) {
            LOG.debug("a connection to port {} broke off: {}", port, e.toString());
        }
    }

    /** The client's half. One that breaks, as when the client resets its stream, takes the connection with it. */
    private void send(InputStream fromClient, Socket pod) {
        try {
            copy(fromClient, pod.getOutputStream());
            pod.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("nothing more is sent to port {}: {}", port, e.toString());
            closeQuietly(pod);
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        var buffer = new byte[BUFFER];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
            out.flush();
        }
    }

    private static void report(OutputStream error, String message) {
        try {
            error.write(message.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("nobody hears that {}", message);
        }
    }

    private static void closeQuietly(java.io.Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOG.debug("already closed: {}", e.toString());
        }
    }
}
