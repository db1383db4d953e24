package dev.sampan.network.gateway;

import dev.sampan.network.ingress.Route;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** One line a request, in the order of ingress-nginx's default format. */
final class AccessLog {

    private final Consumer<String> lines;

    AccessLog(Consumer<String> lines) {
        this.lines = lines;
    }

    void log(Exchange exchange, int status) {
        log(
                exchange.request(),
                exchange.route(),
                exchange.backend(),
                status,
                Response.getContentBytesWritten(exchange.response()));
    }

    void log(Request request, @Nullable Route route, @Nullable InetSocketAddress backend, int status, long bytes) {
        long millis = (System.nanoTime() - request.getBeginNanoTime()) / 1_000_000;
        lines.accept("%s \"%s %s %s\" %d %d \"%s\" %d.%03d [%s] %s"
                .formatted(
                        Request.getRemoteAddr(request),
                        request.getMethod(),
                        request.getHttpURI().getPathQuery(),
                        request.getConnectionMetaData().getHttpVersion(),
                        status,
                        bytes,
                        Objects.requireNonNullElse(request.getHeaders().get(HttpHeader.USER_AGENT), "-"),
                        millis / 1000,
                        millis % 1000,
                        route == null ? "-" : route.backend(),
                        backend == null ? "-" : Http1Connection.text(backend)));
    }
}
