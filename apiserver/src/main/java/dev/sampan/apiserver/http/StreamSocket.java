package dev.sampan.apiserver.http;

import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiResponse.StreamSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream as a WebSocket: each thing that is written becomes a message, text for events in JSON, binary for everything else, or
 * base64 text for clients that ask for it. What the client says is not listened to; its closing ends the stream. Public for Jetty alone,
 * which calls it by reflection.
 */
public final class StreamSocket implements Session.Listener.AutoDemanding {

    private static final Logger LOG = LoggerFactory.getLogger(StreamSocket.class);

    private static final String BASE64 = "base64.binary.k8s.io";
    private static final List<String> PROTOCOLS = List.of("binary.k8s.io", BASE64);

    private final ApiResponse.Stream stream;
    private final boolean text;
    private boolean base64; // written before the socket opens

    StreamSocket(ApiResponse.Stream stream) {
        this.stream = stream;
        var type = stream.headers().getOrDefault("content-type", List.of("")).getFirst();
        this.text = type.startsWith("application/json");
    }

    /** Takes the first protocol offered that is known; without one, a stream goes on without a protocol. */
    void choose(List<String> offered, Consumer<String> accept) {
        offered.stream().filter(PROTOCOLS::contains).findFirst().ifPresent(protocol -> {
            base64 = protocol.equals(BASE64) && !text;
            accept.accept(protocol);
        });
    }

    @Override
    public void onWebSocketOpen(Session session) {
        Thread.ofVirtual().name("websocket-stream").start(() -> run(session));
    }

    private void run(Session session) {
        try (var body = stream.body()) {
            body.writeTo(new Messages(session));
            session.close(StatusCode.NORMAL, "", Callback.NOOP);
        } catch (IOException e) {
            LOG.debug("the client of a WebSocket went away: {}", e.toString());
            session.disconnect();
        }
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        stream.body().close();
        callback.succeed();
    }

    @Override
    public void onWebSocketError(@Nullable Throwable cause) {
        stream.body().close();
    }

    private final class Messages implements StreamSink {

        private final Session session;

        Messages(Session session) {
            this.session = session;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            var sent = new Callback.Completable();
            if (text) {
                session.sendText(new String(bytes, StandardCharsets.UTF_8), sent);
            } else if (base64) {
                session.sendText(Base64.getEncoder().encodeToString(bytes), sent);
            } else {
                session.sendBinary(ByteBuffer.wrap(bytes), sent);
            }
            try {
                sent.join();
            } catch (CompletionException e) {
                throw new IOException(e.getCause());
            }
        }

        @Override
        public void abort() {
            session.disconnect();
        }

        /** Messages are sent as they are written. */
        @Override
        public void flush() {}
    }
}
