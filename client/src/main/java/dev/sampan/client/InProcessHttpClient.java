package dev.sampan.client;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpClient;
import io.fabric8.kubernetes.client.http.StandardHttpClientBuilder;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.StandardWebSocketBuilder;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * fabric8's HTTP port over an {@link InProcessApi}. A request runs on the thread that sends it; a streaming answer gets a
 * virtual thread. Calls that need a WebSocket (exec, attach, port-forward) go to a real transport when one is given.
 */
public final class InProcessHttpClient
        extends StandardHttpClient<InProcessHttpClient, InProcessHttpClient.Factory, InProcessHttpClient.Builder> {

    private final Factory factory;

    private InProcessHttpClient(Builder builder, AtomicBoolean closed) {
        super(builder, closed);
        this.factory = builder.getClientFactory();
    }

    @Override
    public CompletableFuture<HttpResponse<AsyncBody>> consumeBytesDirect(
            StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        try {
            return CompletableFuture.completedFuture(
                    switch (factory.api.handle(translate(request))) {
                        case InProcessApi.Response.Complete(var status, var headers, var body) ->
                            new InProcessResponse(request, status, headers, new CompleteBody(body, consumer));
                        case InProcessApi.Response.Stream(var status, var headers, var body) ->
                            new InProcessResponse(
                                    request,
                                    status,
                                    headers,
                                    new StreamBody(body, consumer, request.uri(), isJson(headers)));
                    });
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static boolean isJson(Map<String, List<String>> headers) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("content-type"))
                .flatMap(header -> header.getValue().stream())
                .anyMatch(type -> type.startsWith("application/json"));
    }

    private static InProcessApi.Request translate(StandardHttpRequest request) throws IOException {
        var headers = new HashMap<String, List<String>>();
        request.headers().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        if (request.getContentType() != null) {
            headers.putIfAbsent("content-type", List.of(request.getContentType()));
        }
        return new InProcessApi.Request(request.method(), pathAndQuery(request.uri()), headers, bytes(request.body()));
    }

    private static String pathAndQuery(URI uri) {
        return uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + "?" + uri.getRawQuery();
    }

    private static byte[] bytes(StandardHttpRequest.@Nullable BodyContent body) throws IOException {
        return switch (body) {
            case null -> new byte[0];
            case StandardHttpRequest.StringBodyContent text -> text.getContent().getBytes(StandardCharsets.UTF_8);
            case StandardHttpRequest.ByteArrayBodyContent array -> array.getContent();
            case StandardHttpRequest.InputStreamBodyContent stream ->
                stream.getContent().readAllBytes();
            default -> throw new IOException("unknown kind of request body: " + body.getClass());
        };
    }

    @Override
    public CompletableFuture<WebSocketResponse> buildWebSocketDirect(
            StandardWebSocketBuilder request, WebSocket.Listener listener) {
        var edge = factory.edge();
        if (edge == null) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException(
                    "the in-process transport has no WebSockets (exec, attach, port-forward): use a client over HTTPS for "
                            + request.asHttpRequest().uri()));
        }
        return edge.buildWebSocketDirect(request, listener);
    }

    /** The factory owns the transport for WebSockets: derived clients come and go. */
    @Override
    protected void doClose() {
        factory.close();
    }

    /** Makes clients of one API, for {@code KubernetesClientBuilder.withHttpClientFactory}. */
    public static final class Factory implements HttpClient.Factory {
        private final InProcessApi api;
        private final @Nullable EdgeSupplier edgeSupplier;
        private @Nullable StandardHttpClient<?, ?, ?> edge;

        /** Makes the transport for WebSockets, called at most once, when it is first needed. */
        @FunctionalInterface
        public interface EdgeSupplier {
            StandardHttpClient<?, ?, ?> get();
        }

        /** Without WebSockets. */
        public Factory(InProcessApi api) {
            this(api, null);
        }

        public Factory(InProcessApi api, @Nullable EdgeSupplier edgeSupplier) {
            this.api = api;
            this.edgeSupplier = edgeSupplier;
        }

        @Override
        public HttpClient.Builder newBuilder() {
            return new Builder(this);
        }

        private synchronized @Nullable StandardHttpClient<?, ?, ?> edge() {
            if (edge == null && edgeSupplier != null) {
                edge = edgeSupplier.get();
            }
            return edge;
        }

        private synchronized void close() {
            if (edge != null) {
                edge.close();
            }
        }
    }

    /** fabric8's builder; proxies and TLS settings have no meaning in process. */
    static final class Builder extends StandardHttpClientBuilder<InProcessHttpClient, Factory, Builder> {
        private Builder(Factory factory) {
            super(factory);
        }

        @Override
        public InProcessHttpClient build() {
            return new InProcessHttpClient(this, client == null ? new AtomicBoolean() : client.getClosed());
        }

        @Override
        protected Builder newInstance(Factory factory) {
            return new Builder(factory);
        }
    }

    /** One chunk, then the end. Driven by the consumer's demand on the consumer's thread. */
    private static final class CompleteBody implements AsyncBody {
        private final byte[] bytes;
        private final Consumer<List<ByteBuffer>> consumer;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private boolean delivered;

        CompleteBody(byte[] bytes, Consumer<List<ByteBuffer>> consumer) {
            this.bytes = bytes;
            this.consumer = consumer;
        }

        @Override
        public void consume() {
            if (delivered || bytes.length == 0) {
                done.complete(null);
                return;
            }
            delivered = true;
            try {
                consumer.consume(List.of(ByteBuffer.wrap(bytes)), this);
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        }

        @Override
        public CompletableFuture<Void> done() {
            return done;
        }

        @Override
        public void cancel() {
            done.cancel(false);
        }
    }

    /** Passes on a stream's chunks, each only after the consumer asked for it, so that a slow reader slows the writer. */
    private static final class StreamBody implements AsyncBody {
        private final InProcessApi.Body body;
        private final Consumer<List<ByteBuffer>> consumer;
        private final URI uri;
        private final boolean json;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final java.util.concurrent.Semaphore demand = new java.util.concurrent.Semaphore(0);
        private final AtomicBoolean started = new AtomicBoolean();
        private volatile boolean cancelled;

        StreamBody(InProcessApi.Body body, Consumer<List<ByteBuffer>> consumer, URI uri, boolean json) {
            this.json = json;
            this.body = body;
            this.consumer = consumer;
            this.uri = uri;
        }

        @Override
        public void consume() {
            demand.release();
            if (started.compareAndSet(false, true)) {
                Thread.ofVirtual().name("stream " + uri.getPath()).start(this::run);
            }
        }

        private void run() {
            try {
                body.writeTo(this::deliver);
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        }

        private void deliver(byte[] bytes) throws IOException {
            demand.acquireUninterruptibly();
            if (cancelled) {
                throw new IOException("the reader has gone");
            }
            try {
                consumer.consume(List.of(ByteBuffer.wrap(json ? AsciiJson.of(bytes) : bytes.clone())), this);
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }

        @Override
        public CompletableFuture<Void> done() {
            return done;
        }

        @Override
        public void cancel() {
            cancelled = true;
            body.close();
            demand.release();
            done.cancel(false);
        }
    }

    private static final class InProcessResponse extends io.fabric8.kubernetes.client.http.StandardHttpHeaders
            implements HttpResponse<AsyncBody> {
        private final StandardHttpRequest request;
        private final int code;
        private final AsyncBody body;

        InProcessResponse(StandardHttpRequest request, int code, Map<String, List<String>> headers, AsyncBody body) {
            super(headers);
            this.request = request;
            this.code = code;
            this.body = body;
        }

        @Override
        public int code() {
            return code;
        }

        @Override
        public AsyncBody body() {
            return body;
        }

        @Override
        public StandardHttpRequest request() {
            return request;
        }

        @Override
        public java.util.Optional<HttpResponse<?>> previousResponse() {
            return java.util.Optional.empty();
        }
    }
}
