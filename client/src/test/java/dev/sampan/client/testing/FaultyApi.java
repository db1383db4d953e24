package dev.sampan.client.testing;

import dev.sampan.client.InProcessApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An API that goes wrong when a test says so: lost watches, answers that never were the server's. Thread-safe.
 */
public final class FaultyApi implements InProcessApi {

    private final InProcessApi delegate;
    private final Set<Body> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger watches = new AtomicInteger();
    private volatile Function<Request, @Nullable Response> fault = request -> null;

    public FaultyApi(InProcessApi delegate) {
        this.delegate = delegate;
    }

    /** Answers instead of the server whenever the function gives an answer. */
    public void answer(Function<Request, @Nullable Response> instead) {
        fault = instead;
    }

    /** Lets every request through again. */
    public void heal() {
        fault = request -> null;
    }

    /** Cuts all open watches, as a broken connection does. */
    public void dropWatches() {
        for (var body : open) {
            body.close();
        }
    }

    /** How many watches were opened so far. */
    public int watches() {
        return watches.get();
    }

    public static boolean isWatch(Request request) {
        return request.pathAndQuery().contains("watch=true");
    }

    /** A failure as the API server words it. */
    public static Response failure(int code, String reason) {
        var status =
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"injected\",\"reason\":\""
                        + reason + "\",\"code\":" + code + "}";
        return new Response.Complete(
                code, Map.of("content-type", List.of("application/json")), status.getBytes(StandardCharsets.UTF_8));
    }

    /** A watch that is told at once that its version is too old. */
    public static Response expiredWatch() {
        var event = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                + "\"message\":\"too old resource version\",\"reason\":\"Expired\",\"code\":410}}\n";
        return new Response.Complete(
                200, Map.of("content-type", List.of("application/json")), event.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Response handle(Request request) throws IOException {
        var instead = fault.apply(request);
        if (instead != null) {
            return instead;
        }
        var response = delegate.handle(request);
        if (!(response instanceof Response.Stream(var status, var headers, var body))) {
            return response;
        }
        open.add(body);
        watches.incrementAndGet();
        return new Response.Stream(status, headers, new Body() {
            @Override
            public void writeTo(Sink sink) throws IOException {
                try {
                    body.writeTo(sink);
                } finally {
                    open.remove(body);
                }
            }

            @Override
            public void close() {
                open.remove(body);
                body.close();
            }
        });
    }
}
