package dev.sampan.network.gateway;

import dev.sampan.network.ingress.IngressOptions;
import dev.sampan.network.ingress.Route;
import dev.sampan.network.ingress.RouteTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what becomes of each request: a redirect, an error that says why, or a way to a backend. */
final class GatewayHandler extends Handler.Abstract {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayHandler.class);

    private final Supplier<RouteTable> routes;
    private final Backends backends;
    private final Health health;
    private final HttpForwarder http;
    private final UpgradeForwarder upgrades;
    private final GrpcForwarder grpc;
    private final AccessLog accessLog;
    private final Supplier<Integer> httpsPort;

    GatewayHandler(
            Supplier<RouteTable> routes,
            Backends backends,
            Health health,
            HttpForwarder http,
            GrpcForwarder grpc,
            AccessLog accessLog,
            Supplier<Integer> httpsPort) {
        this.routes = routes;
        this.backends = backends;
        this.health = health;
        this.http = http;
        this.upgrades = new UpgradeForwarder(http);
        this.grpc = grpc;
        this.accessLog = accessLog;
        this.httpsPort = httpsPort;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        // A backend may think for longer than the connection's idle timeout.
        request.addIdleTimeoutListener(timeout -> false);
        String host = host(request);
        String path = path(request);
        RouteTable table = routes.get();
        Route route = table.find(host, path);
        if (route == null) {
            refuse(
                    request,
                    response,
                    callback,
                    null,
                    404,
                    "no Ingress for host \"" + host + "\" and path \"" + path + "\"");
        } else if (toBeRedirected(request, table, host, route.options())) {
            redirect(request, response, callback, host, route);
        } else {
            switch (backends.resolve(route.backend())) {
                case Backends.Resolution.None(var reason) -> refuse(request, response, callback, route, 503, reason);
                case Backends.Resolution.Endpoints(var endpoints) -> {
                    String target = target(request, route, path);
                    forward(new Exchange(request, response, callback, route, host, target, health.order(endpoints)));
                }
            }
        }
        return true;
    }

    private static String host(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        if (host == null) {
            HttpURI uri = request.getHttpURI();
            host = uri.getAuthority();
        }
        return host == null ? "" : host;
    }

    private static String path(Request request) {
        String canonical = request.getHttpURI().getCanonicalPath();
        return canonical == null || canonical.isEmpty() ? "/" : canonical;
    }

    private static String target(Request request, Route route, String path) {
        HttpURI uri = request.getHttpURI();
        String sent = route.options().rewriteTarget() == null ? uri.getPath() : RouteTable.rewrite(route, path);
        String result = sent == null || sent.isEmpty() ? "/" : sent;
        return uri.getQuery() == null ? result : result + "?" + uri.getQuery();
    }

    private static boolean toBeRedirected(Request request, RouteTable table, String host, IngressOptions options) {
        return !request.isSecure()
                && (options.forceSslRedirect() || (options.sslRedirect() && table.certificate(host) != null));
    }

    private void redirect(Request request, Response response, Callback callback, String host, Route route) {
        int colon = host.lastIndexOf(':');
        String name = colon > 0 && !host.endsWith("]") ? host.substring(0, colon) : host;
        int port = httpsPort.get();
        String location = "https://" + name + (port == 443 ? "" : ":" + port)
                + request.getHttpURI().getPathQuery();
        response.getHeaders().put(HttpHeader.LOCATION, location);
        refuse(request, response, callback, route, 308, "use " + location);
    }

    private void forward(Exchange exchange) {
        Request request = exchange.request();
        try {
            if (isGrpc(exchange)) {
                grpc.forward(exchange);
            } else if (HttpForwarder.upgrade(request)) {
                upgrades.forward(exchange);
            } else {
                http.forward(exchange);
            }
            accessLog.log(exchange, exchange.response().getStatus());
            exchange.callback().succeeded();
        } catch (RequestBody.BodyTooLarge e) {
            fail(exchange, 413, e);
        } catch (BackendFailure e) {
            fail(exchange, e.stage() == BackendFailure.Stage.TIMEOUT ? 504 : 502, e);
        } catch (IOException | RuntimeException e) {
            fail(exchange, 400, e);
        }
    }

    private static boolean isGrpc(Exchange exchange) {
        String type = exchange.request().getHeaders().get(HttpHeader.CONTENT_TYPE);
        boolean http2 =
                exchange.request().getConnectionMetaData().getHttpVersion().getVersion() >= 20;
        return exchange.route().options().protocol() == IngressOptions.Protocol.GRPC
                || (http2 && type != null && type.startsWith("application/grpc"));
    }

    private void fail(Exchange exchange, int status, Exception failure) {
        if (exchange.response().isCommitted()) {
            LOG.debug("{} broke off: {}", exchange.target(), failure.toString());
            accessLog.log(exchange, exchange.response().getStatus());
            exchange.callback().failed(failure);
            return;
        }
        exchange.response().reset();
        refuse(
                exchange.request(),
                exchange.response(),
                exchange.callback(),
                exchange.route(),
                status,
                String.valueOf(failure.getMessage()));
    }

    private void refuse(
            Request request, Response response, Callback callback, @Nullable Route route, int status, String message) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        byte[] body = (status + " " + reason(status) + ": " + message + "\n").getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        accessLog.log(request, route, null, status, body.length);
        try {
            Content.Sink.write(response, true, ByteBuffer.wrap(body));
            callback.succeeded();
        } catch (IOException e) {
            callback.failed(e);
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 413 -> "Content Too Large";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            default -> "Gateway Timeout";
        };
    }
}
