package dev.sampan.serving.http;

import dev.sampan.serving.security.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jetty as this server uses it: HTTP/1.1, a virtual thread for each request, a stop that lets requests finish. */
public final class HttpServer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    /** Tasks of Jetty itself, beside the requests. */
    private static final int OWN_TASKS = 64;

    private final Server server;
    private final ServerConnector connector;
    private final boolean secure;

    private HttpServer(Server server, ServerConnector connector, boolean secure) {
        this.secure = secure;
        this.server = server;
        this.connector = connector;
    }

    /**
     * Opens the port.
     *
     * @param maxConcurrent requests that are handled at once
     * @param idleTimeout after which an idle connection is closed
     * @param tls null for plain HTTP
     * @throws IOException if the port cannot be opened
     */
    public static HttpServer start(
            InetSocketAddress address, int maxConcurrent, Duration idleTimeout, @Nullable Tls tls, Handler handler)
            throws IOException {
        var threads = new VirtualThreadPool(maxConcurrent + OWN_TASKS);
        threads.setName("http");
        var server = new Server(threads);
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setOutputBufferSize(16 * 1024);
        var connector = new ServerConnector(server, 1, 1, connections(tls, http));
        connector.setHost(address.getHostString());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(idleTimeout.toMillis());
        connector.setAcceptQueueSize(1024);
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(handler));
        try {
            server.start();
        } catch (IOException e) {
            stopQuietly(server);
            throw new IOException(
                    "cannot listen at " + address.getHostString() + ":" + address.getPort() + ": " + rootMessage(e), e);
        } catch (Exception e) {
            stopQuietly(server);
            throw new IllegalStateException("the HTTP server does not start", e);
        }
        return new HttpServer(server, connector, tls != null);
    }

    private static ConnectionFactory[] connections(@Nullable Tls tls, HttpConfiguration config) {
        var http = new HttpConnectionFactory(config);
        if (tls == null) {
            return new ConnectionFactory[] {http};
        }
        var ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls.context());
        ssl.setNeedClientAuth(tls.clientVerify());
        return new ConnectionFactory[] {new SslConnectionFactory(ssl, http.getProtocol()), http};
    }

    private static String rootMessage(Throwable e) {
        var root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** Where the server listens. */
    public URI uri() {
        var host = connector.getHost().equals("0.0.0.0") ? "127.0.0.1" : connector.getHost();
        return URI.create((secure ? "https://" : "http://") + host + ":" + connector.getLocalPort());
    }

    /** Stops once what is under way is done, or the time is over. */
    public void stop(Duration timeout) {
        server.setStopTimeout(timeout.toMillis());
        stopQuietly(server);
    }

    private static void stopQuietly(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("the HTTP server did not stop cleanly", e);
        }
    }
}
