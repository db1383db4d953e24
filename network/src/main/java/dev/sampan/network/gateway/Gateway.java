package dev.sampan.network.gateway;

import dev.sampan.network.ingress.RouteTable;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP and HTTPS ports with everything behind them. What it routes by is supplied by the owner and asked for with every
 * request and every handshake, so a change counts at once and disturbs no request under way.
 */
public final class Gateway implements AutoCloseable {

    private static final int MAX_THREADS = 20_000;
    private static final int HEADER_BYTES = 32 * 1024;
    private static final Duration IDLE = Duration.ofSeconds(75);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Server server;
    private final ServerConnector http;
    private final ServerConnector https;
    private final ConnectionPool pool;
    private final GrpcForwarder grpc;

    /**
     * @param address to bind both ports to
     * @param httpPort 0 for any free port
     * @param httpsPort 0 for any free port
     * @param certificates by host name, the empty name being the default; null refuses the handshake
     * @param accessLog takes one line a request
     */
    public Gateway(
            String address,
            int httpPort,
            int httpsPort,
            Supplier<RouteTable> routes,
            Backends backends,
            Function<String, @Nullable Certificate> certificates,
            Consumer<String> accessLog) {
        var threads = new VirtualThreadPool(MAX_THREADS);
        threads.setName("gateway");
        server = new Server(threads);
        server.setStopTimeout(GRACE.toMillis());
        var health = new Health(System::nanoTime);
        pool = new ConnectionPool(System::nanoTime);
        grpc = new GrpcForwarder(health);
        HttpConfiguration plain = configuration();
        http = connector(
                address, httpPort, new HttpConnectionFactory(plain), http2(new HTTP2CServerConnectionFactory(plain)));
        HttpConfiguration secure = configuration();
        var customizer = new SecureRequestCustomizer();
        // The certificate was chosen by the host already; an unknown host gets the default certificate and a 404.
        customizer.setSniHostCheck(false);
        secure.addCustomizer(customizer);
        var alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
        alpn.setDefaultProtocol("http/1.1");
        https = connector(
                address,
                httpsPort,
                new SslConnectionFactory(tls(certificates), alpn.getProtocol()),
                alpn,
                http2(new HTTP2ServerConnectionFactory(secure)),
                new HttpConnectionFactory(secure));
        server.setHandler(new GatewayHandler(
                routes,
                backends,
                health,
                new HttpForwarder(pool, health),
                grpc,
                new AccessLog(accessLog),
                () -> https.getLocalPort()));
    }

    private static HttpConfiguration configuration() {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        configuration.setRequestHeaderSize(HEADER_BYTES);
        configuration.setResponseHeaderSize(HEADER_BYTES);
        // What a path means is the backend's affair: it goes through as it came.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        return configuration;
    }

    private ServerConnector connector(String address, int port, ConnectionFactory... factories) {
        var connector = new ServerConnector(server, 1, 1, factories);
        connector.setHost(address);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setAcceptQueueSize(1024);
        connector.setShutdownIdleTimeout(100);
        server.addConnector(connector);
        return connector;
    }

    private static ConnectionFactory http2(AbstractHTTP2ServerConnectionFactory factory) {
        factory.setMaxConcurrentStreams(1024);
        factory.setStreamIdleTimeout(0);
        return factory;
    }

    private static SslContextFactory.Server tls(Function<String, @Nullable Certificate> certificates) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new SniKeys(certificates)}, null, null);
            var factory = new SslContextFactory.Server();
            factory.setSslContext(context);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is not available", e);
        }
    }

    /** @throws IOException when a port cannot be opened, saying which and what to do */
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            stop();
            throw new IOException(
                    ("the ingress gateway cannot listen on %s ports %d and %d: %s. Choose other ports, or find the program "
                                    + "that has them with 'ss -ltnp'")
                            .formatted(
                                    http.getHost(),
                                    http.getPort(),
                                    https.getPort(),
                                    deepest(e).getMessage()),
                    e);
        } catch (Exception e) {
            stop();
            throw new IOException("the ingress gateway does not start: " + e.getMessage(), e);
        }
    }

    private static Throwable deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The port that HTTP is served on. */
    public int httpPort() {
        return http.getLocalPort();
    }

    /** The port that HTTPS is served on. */
    public int httpsPort() {
        return https.getLocalPort();
    }

    /** Closes connections to backends that have been idle for long; to be called every now and then. */
    public void sweep() {
        pool.sweep();
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the ingress gateway does not stop", e);
        }
    }

    /** Lets requests under way end, for some seconds at most. */
    @Override
    public void close() {
        stop();
        grpc.close();
        pool.close();
    }
}
