package dev.sampan.network.gateway;

import dev.sampan.network.ingress.Route;
import java.net.InetSocketAddress;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** One request on its way: who asked, where it goes, and for the access log where it went. Owned by the request's thread. */
final class Exchange {

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Route route;
    private final String host;
    private final String target;
    private final List<InetSocketAddress> endpoints;
    private @Nullable InetSocketAddress backend;

    /**
     * @param target path and query for the backend
     * @param endpoints the backends to try, in order
     */
    Exchange(
            Request request,
            Response response,
            Callback callback,
            Route route,
            String host,
            String target,
            List<InetSocketAddress> endpoints) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.route = route;
        this.host = host;
        this.target = target;
        this.endpoints = endpoints;
    }

    Request request() {
        return request;
    }

    Response response() {
        return response;
    }

    Callback callback() {
        return callback;
    }

    Route route() {
        return route;
    }

    String host() {
        return host;
    }

    String target() {
        return target;
    }

    List<InetSocketAddress> endpoints() {
        return endpoints;
    }

    /** The backend that answered, or was asked last. */
    @Nullable
    InetSocketAddress backend() {
        return backend;
    }

    void backend(InetSocketAddress address) {
        backend = address;
    }
}
