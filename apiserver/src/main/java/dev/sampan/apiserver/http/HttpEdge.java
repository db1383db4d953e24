package dev.sampan.apiserver.http;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.WindowRateControl;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The TLS port of an API server. */
public final class HttpEdge implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HttpEdge.class);

    /** Watches hold a thread each: far more than there will ever be, so that nothing waits for one to end. */
    private static final int MAX_THREADS = 1_000_000;

    /** For connections on which nothing is being asked. */
    private static final Duration IDLE = Duration.ofMinutes(10);
    /** For requests that stop half-way, and for answers that are not read. */
    private static final Duration STALLED = Duration.ofSeconds(60);
    /** For what is being answered when the port closes; it is cut off then. */
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final int MAX_STREAMS = 4096;
    private static final int MAX_CONTROL_FRAMES_A_SECOND = 10_000;

    private final String address;
    private final Server server;
    private final ServerConnector connector;
    private final GracefulHandler requests;

    /**
     * @param address what to listen on
     * @param port TLS port; 0 picks a free one
     * @param tls the server's certificate, and the authorities that vouch for clients
     * @param api answers requests; blocks
     * @param maxBody bytes of a body beyond which a request is refused
     */
    public HttpEdge(String address, int port, SSLContext tls, Function<ApiRequest, ApiResponse> api, int maxBody) {
        this(address, port, tls, api, maxBody, STALLED);
    }

    /** @param stalled how long a client may stop in the middle of a request, or not read what it is sent */
    HttpEdge(
            String address,
            int port,
            SSLContext tls,
            Function<ApiRequest, ApiResponse> api,
            int maxBody,
            Duration stalled) {
        this.address = address;
        server = new Server(new VirtualThreadPool(MAX_THREADS));
        connector = connector(tls, stalled);
        connector.setHost(address);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setReuseAddress(true);
        server.addConnector(connector);
        var sockets = ServerWebSocketContainer.ensure(server);
        sockets.setIdleTimeout(Duration.ZERO);
        requests = new GracefulHandler(new ApiHandler(api, maxBody, sockets));
        server.setHandler(requests);
    }

    /** Opens the port. @throws IllegalStateException when it cannot be opened, saying why and what to do */
    public void start() {
        try {
            server.start();
        } catch (Exception e) {
            stopQuietly();
            if (hasBindFailure(e)) {
                throw new IllegalStateException(
                        "Port %d on %s is taken: choose another port, or stop what listens there"
                                .formatted(connector.getPort(), address),
                        e);
            }
            throw new IllegalStateException("The API server cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** {@code https://ADDRESS:PORT}; only after {@link #start}. */
    public URI uri() {
        var host = address.contains(":") ? "[" + address + "]" : address;
        return URI.create("https://" + host + ":" + connector.getLocalPort());
    }

    /** Clients that are connected. */
    int connections() {
        return connector.getConnectedEndPoints().size();
    }

    /** Refuses new requests, lets those that run end for a moment, then closes the port. */
    @Override
    public void close() {
        drain();
        stopQuietly();
    }

    private void drain() {
        try {
            requests.shutdown().get(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.info("Cutting off {} requests that did not end within {}", requests.getCurrentRequestCount(), DRAIN);
        } catch (ExecutionException e) {
            log.warn("Requests could not be waited for", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ServerConnector connector(SSLContext tls, Duration stalled) {
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setIdleTimeout(stalled.toMillis());
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.addCustomizer(new SecureRequestCustomizer(false));
        var h1 = new HttpConnectionFactory(http);
        var h2 = new HTTP2ServerConnectionFactory(http);
        h2.setStreamIdleTimeout(stalled.toMillis());
        h2.setMaxConcurrentStreams(MAX_STREAMS);
        h2.setConnectProtocolEnabled(false);
        h2.setRateControlFactory(new WindowRateControl.Factory(MAX_CONTROL_FRAMES_A_SECOND));
        // None is named, so that they are the connector's, in the lower case of ALPN; the factory's own is HTTP/1.1.
        var alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(h1.getProtocol());
        var ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls);
        ssl.setWantClientAuth(true);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        return new ServerConnector(server, new SslConnectionFactory(ssl, alpn.getProtocol()), alpn, h2, h1);
    }

    private static boolean hasBindFailure(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    || (cause instanceof IOException
                            && String.valueOf(cause.getMessage()).contains("Failed to bind"))) {
                return true;
            }
        }
        return false;
    }

    private void stopQuietly() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The API server's port did not close: " + e.getMessage(), e);
        }
    }
}
