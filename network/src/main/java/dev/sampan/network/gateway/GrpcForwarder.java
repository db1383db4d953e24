package dev.sampan.network.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards gRPC: HTTP/2 without TLS to the backend, both ways at once, trailers included. One connection to each backend
 * carries all calls.
 */
final class GrpcForwarder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GrpcForwarder.class);
    private static final int MAX_THREADS = 10_000;
    private static final int WINDOW = 4 << 20;

    private final Health health;
    private final Map<InetSocketAddress, CompletableFuture<Session>> sessions = new ConcurrentHashMap<>();
    private @Nullable HTTP2Client client;

    GrpcForwarder(Health health) {
        this.health = health;
    }

    /** What arrives from the backend. */
    private sealed interface Arrival {
        record Head(int status, HttpFields fields, boolean last) implements Arrival {}

        record Data(Stream.Data data) implements Arrival {}

        record Trailers(HttpFields fields) implements Arrival {}

        record Broken(String reason) implements Arrival {}
    }

    /** Forwards the call; the response is complete when this returns. */
    void forward(Exchange exchange) throws IOException {
        var call = new Call(exchange);
        Stream stream = open(exchange, call);
        exchange.request().addFailureListener(gone -> reset(stream));
        var upload = Thread.ofVirtual().name("gateway-grpc-upload").unstarted(() -> upload(exchange, stream, call));
        upload.start();
        boolean complete = false;
        try {
            call.passOn(stream);
            complete = true;
        } finally {
            if (!complete) {
                reset(stream);
            }
        }
    }

    private Stream open(Exchange exchange, Stream.Listener listener) throws IOException {
        HttpFields.Mutable fields = HeaderRules.forBackend(exchange.request(), exchange.host());
        fields.remove(HttpHeader.HOST);
        fields.add("te", "trailers");
        BackendFailure last = new BackendFailure(BackendFailure.Stage.CONNECT, "no endpoint", null);
        for (InetSocketAddress address : exchange.endpoints()) {
            exchange.backend(address);
            try {
                // A session that ended a moment ago fails the first time; the second gets a new one.
                for (int attempt = 0; attempt < 2; attempt++) {
                    Session session = session(
                            address, exchange.route().options().connectTimeout().toMillis());
                    HttpURI uri = HttpURI.from("http://" + exchange.host() + exchange.target());
                    var head = new MetaData.Request(exchange.request().getMethod(), uri, HttpVersion.HTTP_2, fields);
                    try {
                        Stream stream =
                                await(session.newStream(new HeadersFrame(head, null, false), listener), 5_000, address);
                        health.succeeded(address);
                        return stream;
                    } catch (BackendFailure e) {
                        sessions.remove(address);
                        last = e;
                    }
                }
            } catch (BackendFailure e) {
                LOG.debug("{}: {}", exchange.route().backend(), e.getMessage());
                last = e;
            }
            sessions.remove(address);
            health.failed(address);
        }
        throw last;
    }

    private Session session(InetSocketAddress address, long timeoutMillis) throws BackendFailure {
        var connecting =
                sessions.compute(address, (a, known) -> known == null || ended(known) ? connect(address) : known);
        return await(connecting, timeoutMillis, address);
    }

    private static boolean ended(CompletableFuture<Session> connecting) {
        return connecting.isCompletedExceptionally()
                || (connecting.isDone() && connecting.join().isClosed());
    }

    private CompletableFuture<Session> connect(InetSocketAddress address) {
        return client().connect(address, new Session.Listener() {});
    }

    private synchronized HTTP2Client client() {
        if (client == null) {
            var connector = new ClientConnector();
            var threads = new VirtualThreadPool(MAX_THREADS);
            threads.setName("gateway-grpc");
            connector.setExecutor(threads);
            connector.setSelectors(1);
            var created = new HTTP2Client(connector);
            created.setIdleTimeout(0);
            created.setStreamIdleTimeout(0);
            created.setInitialSessionRecvWindow(WINDOW);
            created.setInitialStreamRecvWindow(WINDOW);
            try {
                created.start();
            } catch (Exception e) {
                throw new IllegalStateException("the HTTP/2 client does not start", e);
            }
            client = created;
        }
        return client;
    }

    private static <T> T await(CompletableFuture<T> future, long millis, InetSocketAddress address)
            throws BackendFailure {
        String where = Http1Connection.text(address);
        try {
            return future.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new BackendFailure(
                    BackendFailure.Stage.CONNECT,
                    "cannot open an HTTP/2 stream to " + where + ": " + e.getCause(),
                    e.getCause());
        } catch (TimeoutException e) {
            throw new BackendFailure(
                    BackendFailure.Stage.CONNECT, where + " did not accept within " + millis + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendFailure(BackendFailure.Stage.CONNECT, "interrupted", e);
        }
    }

    private static void reset(Stream stream) {
        if (!stream.isClosed()) {
            stream.reset(new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code), Callback.NOOP);
        }
    }

    private static void upload(Exchange exchange, Stream stream, Call call) {
        var body = new RequestBody.Flowing(
                exchange.request(), -1, new byte[0], exchange.route().options().maxBodyBytes());
        try {
            body.copyTo(bytes -> write(stream, bytes, false));
            write(stream, BufferUtil.EMPTY_BUFFER, true);
        } catch (IOException e) {
            LOG.debug("request to {} broke off: {}", exchange.backend(), e.toString());
            call.arrivals.add(new Arrival.Broken("request broke off: " + e.getMessage()));
        }
    }

    private static void write(Stream stream, ByteBuffer bytes, boolean last) throws IOException {
        try (Blocker.Callback written = Blocker.callback()) {
            stream.data(new DataFrame(stream.getId(), bytes, last), written);
            written.block();
        }
    }

    /** The answer's side of one call: arrivals are queued by Jetty's threads and passed on by the request's. */
    private static final class Call implements Stream.Listener {
        private final Exchange exchange;
        private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
        private boolean headSeen;

        Call(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void onHeaders(Stream stream, HeadersFrame frame) {
            if (frame.getMetaData() instanceof MetaData.Response head) {
                if (head.getStatus() >= 200) {
                    headSeen = true;
                    arrivals.add(new Arrival.Head(head.getStatus(), head.getHttpFields(), frame.isEndStream()));
                }
            } else if (headSeen) {
                arrivals.add(new Arrival.Trailers(frame.getMetaData().getHttpFields()));
            }
            if (!frame.isEndStream()) {
                stream.demand();
            }
        }

        @Override
        public void onDataAvailable(Stream stream) {
            pull(stream);
        }

        /** Takes one frame; the next is asked for when this one has been passed on. */
        private void pull(Stream stream) {
            Stream.Data data = stream.readData();
            if (data == null) {
                stream.demand();
            } else {
                arrivals.add(new Arrival.Data(data));
            }
        }

        @Override
        public void onReset(Stream stream, ResetFrame frame, Callback callback) {
            arrivals.add(new Arrival.Broken("stream reset with error " + frame.getError()));
            callback.succeeded();
        }

        @Override
        public void onFailure(Stream stream, int error, String reason, Throwable failure, Callback callback) {
            arrivals.add(new Arrival.Broken(reason + ": " + failure));
            callback.succeeded();
        }

        private Arrival next() throws IOException {
            try {
                return arrivals.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        void passOn(Stream stream) throws IOException {
            Response response = exchange.response();
            boolean begun = false;
            var trailers = new HttpFields[] {HttpFields.EMPTY};
            while (true) {
                switch (next()) {
                    case Arrival.Head head -> {
                        begun = true;
                        response.setStatus(head.status());
                        HeaderRules.forClient(head.fields(), response.getHeaders());
                        if (head.last()) {
                            Content.Sink.write(response, true, BufferUtil.EMPTY_BUFFER);
                            return;
                        }
                        response.setTrailersSupplier(() -> trailers[0]);
                        // Without this a client that waits for the head before it sends more would wait for ever.
                        Content.Sink.write(response, false, BufferUtil.EMPTY_BUFFER);
                    }
                    case Arrival.Data(var data) -> {
                        boolean last = data.frame().isEndStream();
                        try {
                            if (data.frame().remaining() > 0) {
                                Content.Sink.write(response, false, data.frame().getByteBuffer());
                            }
                        } finally {
                            data.release();
                        }
                        if (last) {
                            Content.Sink.write(response, true, BufferUtil.EMPTY_BUFFER);
                            return;
                        }
                        pull(stream);
                    }
                    // Data that came before them may still wait to be read; the end is told by the last data.
                    case Arrival.Trailers(var fields) -> trailers[0] = fields;
                    case Arrival.Broken(var reason) ->
                        throw new BackendFailure(
                                begun ? BackendFailure.Stage.WITHIN_ANSWER : BackendFailure.Stage.BEFORE_ANSWER,
                                reason,
                                null);
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            try {
                client.stop();
            } catch (Exception e) {
                LOG.warn("the HTTP/2 client did not stop: {}", e.toString());
            }
            client = null;
        }
    }
}
