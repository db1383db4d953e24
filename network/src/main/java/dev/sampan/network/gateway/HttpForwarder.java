package dev.sampan.network.gateway;

import dev.sampan.network.ingress.IngressOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards a request over HTTP/1.1 and streams the answer back. A backend that cannot be reached, or whose connection
 * breaks before any of its answer was passed on, is replaced by the next as long as the request can be sent again.
 */
final class HttpForwarder {

    private static final Logger LOG = LoggerFactory.getLogger(HttpForwarder.class);
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE");
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** How often a request that a backend may have seen is sent again. */
    private static final int RESENDS = 2;

    private final ConnectionPool pool;
    private final Health health;

    HttpForwarder(ConnectionPool pool, Health health) {
        this.pool = pool;
        this.health = health;
    }

    /** A backend's answer whose content is still to be read. */
    record Answer(
            Http1Connection connection,
            Http1Connection.Head head,
            @Nullable CompletableFuture<Void> upload) {}

    /** Forwards the request; the response is complete when this returns. */
    void forward(Exchange exchange) throws IOException {
        RequestBody body =
                RequestBody.of(exchange.request(), exchange.route().options().maxBodyBytes());
        HttpFields.Mutable fields = HeaderRules.forBackend(exchange.request(), exchange.host());
        switch (body) {
            case RequestBody.Kept kept -> {
                if (kept.present()) {
                    fields.add(HttpHeader.CONTENT_LENGTH, kept.bytes().length);
                }
            }
            case RequestBody.Flowing flowing -> {
                if (flowing.length() >= 0) {
                    fields.add(HttpHeader.CONTENT_LENGTH, flowing.length());
                } else {
                    fields.add(HttpHeader.TRANSFER_ENCODING, "chunked");
                }
            }
        }
        Answer answer = ask(exchange, fields, body);
        passOn(answer, exchange);
    }

    /** Sends the request until a backend answers. */
    Answer ask(Exchange exchange, HttpFields fields, RequestBody body) throws IOException {
        byte[] head = HeaderRules.serialize(exchange.request().getMethod(), exchange.target(), fields);
        List<InetSocketAddress> candidates = new ArrayList<>(exchange.endpoints());
        int resends = 0;
        BackendFailure last = null;
        while (!candidates.isEmpty()) {
            InetSocketAddress address = candidates.getFirst();
            exchange.backend(address);
            Http1Connection connection = null;
            try {
                connection = connect(address, body, exchange.route().options());
                Answer answer = send(connection, head, body, exchange);
                health.succeeded(address);
                return answer;
            } catch (BackendFailure failure) {
                LOG.debug("{}: {}", exchange.route().backend(), failure.getMessage());
                last = failure;
                boolean stale = connection != null && connection.used();
                if (!stale) {
                    health.failed(address);
                    candidates.removeFirst();
                }
                if (failure.stage() != BackendFailure.Stage.CONNECT
                        && (!mayResend(exchange, body, failure, stale) || (!stale && resends++ >= RESENDS))) {
                    throw failure;
                }
            }
        }
        throw last == null ? new BackendFailure(BackendFailure.Stage.CONNECT, "no endpoint", null) : last;
    }

    private Http1Connection connect(InetSocketAddress address, RequestBody body, IngressOptions options)
            throws BackendFailure {
        // What can be sent only once goes over a fresh connection: an idle one may be closed by now.
        Http1Connection idle = body instanceof RequestBody.Kept ? pool.take(address) : null;
        return idle != null
                ? idle
                : Http1Connection.open(
                        address, options.connectTimeout(), options.protocol() == IngressOptions.Protocol.HTTPS);
    }

    private static boolean mayResend(Exchange exchange, RequestBody body, BackendFailure failure, boolean stale) {
        return failure.stage() == BackendFailure.Stage.BEFORE_ANSWER
                && body instanceof RequestBody.Kept
                && (stale
                        || IDEMPOTENT.contains(exchange.request().getMethod())
                        || exchange.route().options().retryNonIdempotent());
    }

    private static Answer send(Http1Connection connection, byte[] head, RequestBody body, Exchange exchange)
            throws IOException {
        try {
            CompletableFuture<Void> upload = switch (body) {
                case RequestBody.Kept kept -> {
                    connection.write(joined(head, kept.bytes()));
                    yield null;
                }
                case RequestBody.Flowing flowing -> {
                    connection.write(head);
                    yield upload(flowing, connection);
                }
            };
            boolean toHead = exchange.request().getMethod().equals("HEAD");
            try {
                return new Answer(
                        connection,
                        connection.readHead(toHead, exchange.route().options().readTimeout()),
                        upload);
            } catch (BackendFailure failure) {
                throw causeOf(upload, failure);
            }
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /** The client's fault, if it was the client's, rather than what followed from it. */
    private static IOException causeOf(@Nullable CompletableFuture<Void> upload, BackendFailure failure) {
        if (upload != null && upload.isCompletedExceptionally()) {
            try {
                upload.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof IOException cause && !(cause instanceof BackendFailure)) {
                    return cause;
                }
            }
        }
        return failure;
    }

    private static byte[] joined(byte[] head, byte[] body) {
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    /** Sends a body while the answer may begin already. */
    private static CompletableFuture<Void> upload(RequestBody.Flowing body, Http1Connection connection) {
        var done = new CompletableFuture<Void>();
        Thread.ofVirtual().name("gateway-upload").start(() -> {
            try {
                if (body.length() >= 0) {
                    body.copyTo(bytes -> writePlain(connection, bytes));
                } else {
                    body.copyTo(bytes -> writeChunk(connection, bytes));
                    connection.write(LAST_CHUNK);
                }
                done.complete(null);
            } catch (BackendFailure e) {
                // The answer may be on its way all the same: a refusal of the body, for example.
                done.completeExceptionally(e);
            } catch (IOException | RuntimeException e) {
                // In this order: who waits for the answer then finds the reason.
                done.completeExceptionally(e);
                connection.close();
            }
        });
        return done;
    }

    private static void writeChunk(Http1Connection connection, ByteBuffer bytes) throws IOException {
        connection.write((Integer.toHexString(bytes.remaining()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        writePlain(connection, bytes);
        connection.write(CRLF);
    }

    private static void writePlain(Http1Connection connection, ByteBuffer bytes) throws IOException {
        if (bytes.hasArray()) {
            connection.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            connection.write(copy);
        }
    }

    void passOn(Answer answer, Exchange exchange) throws IOException {
        Http1Connection connection = answer.connection();
        boolean done = false;
        try {
            Response response = exchange.response();
            response.setStatus(answer.head().status());
            HeaderRules.forClient(answer.head().fields(), response.getHeaders());
            copyContent(connection, answer.head().contentLength(), response);
            done = answer.upload() == null
                    || (answer.upload().isDone() && !answer.upload().isCompletedExceptionally());
        } finally {
            if (done) {
                pool.giveBack(connection);
            } else {
                connection.close();
            }
        }
    }

    private static void copyContent(Http1Connection connection, long length, Response response) throws IOException {
        long copied = 0;
        for (ByteBuffer part = connection.readContent(); part != null; part = connection.readContent()) {
            copied += part.remaining();
            if (copied == length) {
                // Sent with the last part, the end costs no packet of its own. It still must be read from the backend.
                byte[] end = new byte[part.remaining()];
                part.get(end);
                connection.readContent();
                Content.Sink.write(response, true, ByteBuffer.wrap(end));
                return;
            }
            Content.Sink.write(response, false, part);
        }
        Content.Sink.write(response, true, BufferUtil.EMPTY_BUFFER);
    }

    static boolean upgrade(Request request) {
        return request.getHeaders().contains(HttpHeader.UPGRADE)
                && request.getHeaders().contains(HttpHeader.CONNECTION, "upgrade")
                && request.getConnectionMetaData().getHttpVersion().getVersion() < 20;
    }
}
