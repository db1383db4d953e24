package dev.sampan.apiserver;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the API answers. Header names are in lower case. */
public sealed interface ApiResponse {

    int status();

    Map<String, List<String>> headers();

    /** The same answer with one more header. */
    static ApiResponse withHeader(ApiResponse response, String name, String value) {
        return withHeaders(response, Map.of(name, List.of(value)));
    }

    /** The same answer with more headers. */
    static ApiResponse withHeaders(ApiResponse response, Map<String, List<String>> more) {
        if (more.isEmpty()) {
            return response;
        }
        var headers = new HashMap<>(response.headers());
        headers.putAll(more);
        return switch (response) {
            case Complete c -> new Complete(c.status(), headers, c.body());
            case Stream s -> new Stream(s.status(), headers, s.body());
            case Upgrade u -> new Upgrade(headers, u.tunnel());
        };
    }

    /** The whole answer at once. */
    record Complete(int status, Map<String, List<String>> headers, byte[] body) implements ApiResponse {}

    /** An answer that goes on until it ends by itself or is closed: a watch, a followed log, a proxied download. */
    record Stream(int status, Map<String, List<String>> headers, StreamBody body) implements ApiResponse {}

    /**
     * The connection changes its protocol (status 101): what the client sends and receives from now on belongs to
     * the tunnel.
     */
    record Upgrade(Map<String, List<String>> headers, Tunnel tunnel) implements ApiResponse {
        @Override
        public int status() {
            return 101;
        }
    }

    /**
     * Produces the bytes of a stream. {@link #writeTo} is called once, on a virtual thread, and returns when the stream
     * has ended; {@link #close} may be called from any thread, before or during it, and makes it return soon.
     */
    interface StreamBody extends AutoCloseable {
        void writeTo(StreamSink sink) throws IOException;

        @Override
        void close();
    }

    /** Takes the bytes of a stream; blocks while the client is slow. */
    interface StreamSink {
        /** Writes bytes that the sink must not change or keep after return; {@link #flush} sends them. */
        void write(byte[] bytes) throws IOException;

        void flush() throws IOException;

        /** Ends the connection at once, from any thread: a write that waits for a client that does not read fails. */
        default void abort() {}
    }

    /** Both directions of an upgraded connection; {@code run} returns when the tunnel has ended. */
    interface Tunnel {
        void run(InputStream fromClient, OutputStream toClient) throws IOException;
    }
}
