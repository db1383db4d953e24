package dev.sampan.apiserver.http;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.QueryString;
import dev.sampan.apiserver.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a request whole, has it answered, and writes the answer; blocks its virtual thread meanwhile. */
final class ApiHandler extends Handler.Abstract {

    private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);

    /** Bytes that are read of a body that is too large: clients read the answer only when they have sent theirs. */
    private static final long MAX_DRAINED = 64L * 1024 * 1024;

    private static final int CHUNK = 16 * 1024;
    private static final int UNKNOWN = 1024;

    private final Function<ApiRequest, ApiResponse> api;
    private final int maxBody;
    private final ServerWebSocketContainer sockets;

    ApiHandler(Function<ApiRequest, ApiResponse> api, int maxBody, ServerWebSocketContainer sockets) {
        super(InvocationType.BLOCKING);
        this.api = api;
        this.maxBody = maxBody;
        this.sockets = sockets;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        // It counts while something is waited for from the client; answers may take their time.
        request.addIdleTimeoutListener(timeout -> false);
        try {
            answer(request, response, callback);
        } catch (IOException e) {
            log.debug("{} {} ended by the client: {}", request.getMethod(), request.getHttpURI(), e.toString());
            callback.failed(e);
        } catch (RuntimeException | Error e) {
            log.error("{} {} could not be answered", request.getMethod(), request.getHttpURI(), e);
            callback.failed(e);
        }
        return true;
    }

    private void answer(Request request, Response response, Callback callback) throws IOException {
        ApiResponse answer;
        boolean toSocket = false;
        try {
            var read = read(request);
            toSocket = read.upgradesToWebSocket();
            answer = api.apply(read);
        } catch (ApiException e) {
            answer = status(e.status());
        }
        if (toSocket && answer instanceof ApiResponse.Stream stream && converse(stream, request, response, callback)) {
            return;
        }
        response.setStatus(answer.status());
        var headers = response.getHeaders();
        answer.headers().forEach((name, values) -> headers.put(name, values));
        if (!headers.contains(HttpHeader.CACHE_CONTROL)) {
            headers.put(HttpHeader.CACHE_CONTROL, "no-cache, private");
        }
        switch (answer) {
            case ApiResponse.Complete complete -> write(complete, request, response, callback);
            case ApiResponse.Stream stream -> StreamWriter.write(stream.body(), request, response, callback);
            case ApiResponse.Upgrade upgrade -> upgrade(upgrade, request, response, callback);
        }
    }

    private static void write(ApiResponse.Complete answer, Request request, Response response, Callback callback)
            throws IOException {
        var body = answer.body();
        if (Gzip.wanted(request, body.length)) {
            body = Gzip.compress(body);
            response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
            response.getHeaders().add(HttpHeader.VARY, "Accept-Encoding");
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        if (request.getMethod().equals("HEAD")) {
            callback.succeeded();
            return;
        }
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    /** Goes on as a WebSocket; false when the request turns out to be no proper handshake. */
    private boolean converse(ApiResponse.Stream stream, Request request, Response response, Callback callback) {
        var socket = new StreamSocket(stream);
        return sockets.upgrade(
                (asked, answered, done) -> {
                    socket.choose(asked.getSubProtocols(), answered::setAcceptedSubProtocol);
                    return socket;
                },
                request,
                response,
                callback);
    }

    private static void upgrade(ApiResponse.Upgrade answer, Request request, Response response, Callback callback) {
        var endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        var executor = request.getConnectionMetaData().getConnector().getExecutor();
        request.setAttribute(
                HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new TunnelConnection(endPoint, executor, answer.tunnel()));
        response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
        response.write(true, null, callback);
    }

    private ApiRequest read(Request request) throws IOException {
        var uri = request.getHttpURI();
        var query = uri.getQuery();
        return new ApiRequest(
                request.getMethod(),
                QueryString.decodePath(uri.getPath()),
                query == null ? Map.of() : QueryString.parse(query),
                headers(request),
                body(request),
                null,
                certificate(request),
                Request.getRemoteAddr(request));
    }

    private byte[] body(Request request) throws IOException {
        if (request.getLength() == 0) {
            return new byte[0];
        }
        int expected = (int) Math.min(request.getLength(), CHUNK);
        // Most requests of unknown length have no body at all.
        var chunk = new byte[expected > 0 ? expected : UNKNOWN];
        var out = new ByteArrayOutputStream(Math.max(0, expected));
        var in = Request.asInputStream(request);
        long total = 0;
        for (int n = in.read(chunk); n >= 0 && total < MAX_DRAINED; n = in.read(chunk)) {
            total += n;
            if (total <= maxBody) {
                out.write(chunk, 0, n);
            }
        }
        if (total > maxBody) {
            throw ApiException.tooLarge("Request entity too large: limit is " + maxBody);
        }
        return out.toByteArray();
    }

    private static Map<String, List<String>> headers(Request request) {
        var result = new HashMap<String, List<String>>();
        for (var field : request.getHeaders()) {
            result.computeIfAbsent(field.getName().toLowerCase(Locale.ROOT), n -> new ArrayList<>(1))
                    .add(field.getValue());
        }
        return result;
    }

    private static @Nullable X509Certificate certificate(Request request) {
        return request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData data
                        && data.peerCertificates() != null
                        && data.peerCertificates().length > 0
                ? data.peerCertificates()[0]
                : null;
    }

    private static ApiResponse status(Status status) {
        return new ApiResponse.Complete(
                status.code(), Map.of("content-type", List.of("application/json")), status.toBytes());
    }
}
