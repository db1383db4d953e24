package dev.sampan.app.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The TCP ports of one cluster, all on loopback.
 *
 * @param api the Kubernetes API (HTTPS)
 * @param ingress the ingress gateway's plain HTTP
 * @param ingressTls the ingress gateway's HTTPS
 * @param node the node agent's API (HTTPS), which logs and exec go through
 */
public record Ports(int api, int ingress, int ingressTls, int node) {

    public static final Ports DEFAULT = new Ports(6443, 8080, 8443, 10250);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The ports that this home used last, else the defaults. */
    public static Ports remembered(Home home) throws IOException {
        if (!Files.exists(home.settings())) {
            return DEFAULT;
        }
        try {
            return JSON.readValue(Files.readAllBytes(home.settings()), Ports.class);
        } catch (JacksonException e) {
            throw new FileSystemException(
                    home.settings().toString(),
                    null,
                    "it is damaged; remove it, and the cluster gets the usual ports (" + e.getOriginalMessage() + ")");
        }
    }

    /** Keeps the ports, so that the next start has the same addresses. */
    public void remember(Home home) throws IOException {
        Files.write(home.settings(), JSON.writeValueAsBytes(this));
    }

    /** Whether {@code port} can be listened on now. */
    public static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code port} if it is free, else any free one. */
    public static int freeOr(int port) throws IOException {
        if (port != 0 && isFree(port)) {
            return port;
        }
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            return socket.getLocalPort();
        }
    }
}
