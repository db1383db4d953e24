package dev.sampan.node.server;

import dev.sampan.node.runtime.ExecSpec;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Serves {@code /containerLogs}, {@code /exec}, {@code /attach} and {@code /healthz} over mutual TLS. */
public final class NodeServer implements AutoCloseable {

    private static final int THREADS = 10_000;
    private static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");

    private final Server server;
    private final ServerConnector connector;

    /** @param tls the node's certificate, trusting the cluster's authority */
    public NodeServer(String address, int port, SSLContext tls, PodAccess pods) {
        var threads = new VirtualThreadPool(THREADS);
        threads.setName("node-api");
        server = new Server(threads);
        connector = new ServerConnector(server, 1, 1, secured(tls), plain());
        connector.setHost(address);
        connector.setPort(port);
        connector.setIdleTimeout(0);
        server.addConnector(connector);
        var upgrades = WebSocketUpgradeHandler.from(server, container -> {
            container.setIdleTimeout(java.time.Duration.ZERO);
            container.setMaxBinaryMessageSize(1 << 20);
            container.addMapping("/exec/*", (request, response, callback) -> exec(pods, request, response, false));
            container.addMapping("/attach/*", (request, response, callback) -> exec(pods, request, response, true));
        });
        upgrades.setHandler(new NodeHandler(pods));
        server.setHandler(upgrades);
    }

    private static SslConnectionFactory secured(SSLContext tls) {
        var factory = new SslContextFactory.Server();
        factory.setSslContext(tls);
        factory.setNeedClientAuth(true);
        return new SslConnectionFactory(factory, "http/1.1");
    }

    private static HttpConnectionFactory plain() {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        return new HttpConnectionFactory(configuration);
    }

    private static Object exec(
            PodAccess pods, ServerUpgradeRequest request, ServerUpgradeResponse response, boolean attach) {
        PROTOCOLS.stream()
                .filter(protocol -> request.getSubProtocols().contains(protocol))
                .findFirst()
                .ifPresent(response::setAcceptedSubProtocol);
        var names = request.getHttpURI().getCanonicalPath().split("/", -1);
        var query = org.eclipse.jetty.server.Request.extractQueryParameters(request);
        var place = new PodAccess.Place(names[2], names[3], names[4]);
        var command = attach ? List.<String>of() : values(query, "command");
        return new ExecSocket(pods, place, new ExecSpec(command, flag(query, "input", "stdin"), flag(query, "tty")));
    }

    private static List<String> values(Fields query, String name) {
        var field = query.get(name);
        return field == null ? List.of() : field.getValues();
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
