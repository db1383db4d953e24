package dev.sampan.serving.http;

import dev.sampan.serving.accesslog.AccessLog;
import dev.sampan.serving.accesslog.TraceContext;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.security.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** The APIs on Jetty: blocking, one virtual thread a request. */
public final class HttpHandler extends Handler.Abstract {
    /** More is reserved only as it arrives, whatever length a client announces. */
    private static final int FIRST_CHUNK = 1 << 20;

    private static final int UNKNOWN_LENGTH_CHUNK = 1 << 14;
    /** Bytes that are read of a body that is too large: clients read the answer only when they have sent theirs. */
    private static final long MAX_DRAINED = 64L << 20;

    /** Probes need no token. */
    private static final String HEALTH = "/v2/health/";

    private static final byte[] EMPTY = {};

    private final List<HttpApi> apis;
    private final long maxBodyBytes;
    private final boolean cors;
    private final BooleanSupplier draining;
    private final @Nullable Tokens tokens;
    private final @Nullable AccessLog log;

    /**
     * @param apis the first that owns a path gets its requests
     * @param cors whether pages of any origin may call
     * @param draining whether clients should open new connections elsewhere
     * @param tokens of which a client needs one; null if anybody may call
     * @param log of all requests; null for none
     */
    public HttpHandler(
            List<HttpApi> apis,
            long maxBodyBytes,
            boolean cors,
            BooleanSupplier draining,
            @Nullable Tokens tokens,
            @Nullable AccessLog log) {
        this.apis = List.copyOf(apis);
        this.maxBodyBytes = maxBodyBytes;
        this.cors = cors;
        this.draining = draining;
        this.tokens = tokens;
        this.log = log;
    }

    private record Body(byte[] bytes, int length) {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        long start = System.nanoTime();
        // Clients that send their next request at once must not keep the processors from those that wait.
        Thread.yield();
        if (draining.getAsBoolean()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        if (cors && preflight(request, response, callback)) {
            return true;
        }
        var traceparent = request.getHeaders().get("traceparent");
        var trace = log == null && traceparent == null
                ? null
                : TraceContext.of(traceparent, ThreadLocalRandom.current()::nextLong);
        if (trace != null && traceparent != null) {
            response.getHeaders().put("traceresponse", trace.traceresponse());
        }
        var answer = answer(request, Request.getPathInContext(request));
        int length = answer.body().remaining();
        response.setStatus(answer.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
        answer.headers().forEach(response.getHeaders()::put);
        response.write(true, answer.body(), callback);
        if (log != null && trace != null) {
            log.add(new AccessLog.Entry(
                    "http",
                    request.getMethod(),
                    request.getHttpURI().getPathQuery(),
                    Integer.toString(answer.status()),
                    Request.getRemoteAddr(request),
                    System.nanoTime() - start,
                    request.getLength(),
                    length,
                    trace));
        }
        return true;
    }

    private boolean allowed(Request request, String path) {
        return tokens == null
                || path.startsWith(HEALTH)
                || tokens.accepts(request.getHeaders().get(HttpHeader.AUTHORIZATION));
    }

    private @Nullable HttpApi api(String path) {
        for (var api : apis) {
            if (api.owns(path)) {
                return api;
            }
        }
        return null;
    }

    private HttpAnswer answer(Request request, String path) throws IOException {
        if (!allowed(request, path)) {
            return HttpAnswer.error(Code.UNAUTHENTICATED, "a valid bearer token is needed")
                    .with("WWW-Authenticate", "Bearer");
        }
        var api = api(path);
        if (api == null) {
            return HttpAnswer.error(Code.NOT_FOUND, "there is nothing at " + path);
        }
        var body = read(request);
        if (body == null) {
            return tooLarge();
        }
        return api.handle(new HttpCall(
                request.getMethod(),
                path,
                request.getHttpURI().getQuery(),
                request.getHeaders()::get,
                body.bytes,
                body.length));
    }

    private HttpAnswer tooLarge() {
        return HttpAnswer.error(
                HttpStatus.PAYLOAD_TOO_LARGE_413, "The request body is larger than " + maxBodyBytes + " bytes");
    }

    private static void drain(InputStream in) throws IOException {
        var chunk = new byte[UNKNOWN_LENGTH_CHUNK];
        long total = 0;
        for (int n = in.read(chunk); n >= 0 && total < MAX_DRAINED; n = in.read(chunk)) {
            total += n;
        }
    }

    /** The body; null when it is larger than is taken. */
    private @Nullable Body read(Request request) throws IOException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            long announced = request.getLength();
            if (announced == 0) {
                return new Body(EMPTY, 0);
            }
            if (announced > maxBodyBytes) {
                drain(in);
                return null;
            }
            var bytes = new byte[announced > 0 ? (int) Math.min(announced, FIRST_CHUNK) : UNKNOWN_LENGTH_CHUNK];
            int length = 0;
            while (true) {
                int count = length < bytes.length ? in.read(bytes, length, bytes.length - length) : 0;
                if (count < 0) {
                    return new Body(bytes, length);
                }
                length += count;
                if (length == announced) {
                    return new Body(bytes, length);
                }
                if (length > maxBodyBytes) {
                    drain(in);
                    return null;
                }
                if (length == bytes.length) {
                    long larger = bytes.length * 2L;
                    bytes = Arrays.copyOf(bytes, (int) (announced > 0 ? Math.min(announced, larger) : larger));
                }
            }
        }
    }

    /** Adds the headers that let pages of any origin call the API; answers the question before such a call. */
    private static boolean preflight(Request request, Response response, Callback callback) {
        response.getHeaders().put("Access-Control-Allow-Origin", "*");
        if (!request.getMethod().equals("OPTIONS")) {
            return false;
        }
        response.getHeaders().put("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
        response.getHeaders().put("Access-Control-Allow-Headers", "Content-Type, Authorization");
        response.setStatus(HttpStatus.NO_CONTENT_204);
        callback.succeeded();
        return true;
    }
}
