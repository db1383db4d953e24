package dev.sampan.node.server;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Serves logs, streams and statistics over mutual TLS. */
public final class NodeServer implements AutoCloseable {

    private static final int THREADS = 10_000;
    private static final int LARGEST_MESSAGE = 1 << 20;

    private final Server server;
    private final ServerConnector connector;

    /**
     * @param tls the node's certificate, trusting the cluster's authority
     * @param users who may call, by the common names of their certificates: the API server, which authorises for the node
     */
    public NodeServer(String address, int port, SSLContext tls, Set<String> users, PodAccess pods) {
        var threads = new VirtualThreadPool(THREADS);
        threads.setName("node-api");
        server = new Server(threads);
        connector = new ServerConnector(server, 1, 1, secured(tls), plain());
        connector.setHost(address);
        connector.setPort(port);
        connector.setIdleTimeout(0);
        server.addConnector(connector);
        server.setHandler(new OnlyKnownUsers(users, handlers(pods)));
    }

    private Handler handlers(PodAccess pods) {
        var streams = new StreamHandler(pods);
        streams.setHandler(new NodeHandler(pods));
        var sockets = WebSocketUpgradeHandler.from(server, container -> {
            container.setIdleTimeout(Duration.ZERO);
            container.setMaxBinaryMessageSize(LARGEST_MESSAGE);
            for (var path : List.of("/exec/*", "/attach/*", "/portForward/*")) {
                container.addMapping(path, streams::socket);
            }
        });
        sockets.setHandler(streams);
        return sockets;
    }

    private static SslConnectionFactory secured(SSLContext tls) {
        var factory = new SslContextFactory.Server();
        factory.setSslContext(tls);
        factory.setWantClientAuth(true);
        return new SslConnectionFactory(factory, "http/1.1");
    }

    private static HttpConnectionFactory plain() {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        return new HttpConnectionFactory(configuration);
    }

    /** Whether one of the names is given as 1 or true: the API server's own names and those of its clients differ. */
    static boolean flag(Fields query, String... names) {
        for (var name : names) {
            var value = query.getValue(name);
            if ("1".equals(value) || "true".equals(value)) {
                return true;
            }
        }
        return false;
    }

    /** Opens the port. */
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw new IOException(
                    "The node's API cannot listen on " + connector.getHost() + ":" + connector.getPort() + " ("
                            + e.getMessage() + "). Name another port with --node-port.",
                    e);
        } catch (Exception e) {
            throw new IOException("The node's API cannot start: " + e.getMessage(), e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
