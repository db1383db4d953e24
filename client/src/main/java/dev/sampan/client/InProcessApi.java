package dev.sampan.client;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * An API server in the same process, already bound to one identity. {@link InProcessHttpClient} turns the requests of a
 * fabric8 client into calls of this interface, so that no socket, TLS or HTTP framing is between an actor and the API.
 */
@FunctionalInterface
public interface InProcessApi {

    /** Answers one request. May block; is called by any number of threads at once. */
    Response handle(Request request) throws IOException;

    /**
     * @param method HTTP method in upper case
     * @param pathAndQuery percent-encoded as on the wire, such as {@code /api/v1/pods?watch=true}
     * @param headers values by lower-case name
     * @param body whole body, empty when there is none
     */
    record Request(String method, String pathAndQuery, Map<String, List<String>> headers, byte[] body) {}

    /** Header names are in lower case. */
    sealed interface Response {
        int status();

        Map<String, List<String>> headers();

        /** The whole answer. */
        record Complete(int status, Map<String, List<String>> headers, byte[] body) implements Response {}

        /** An answer that goes on: a watch, a followed log. */
        record Stream(int status, Map<String, List<String>> headers, Body body) implements Response {}
    }

    /** Produces a stream's bytes. */
    interface Body extends AutoCloseable {
        /** Called once, on a thread of its own; returns when the stream has ended. */
        void writeTo(Sink sink) throws IOException;

        /** Ends the stream soon; any thread, before or during {@link #writeTo}. */
        @Override
        void close();
    }

    /** Takes a stream's bytes; blocks while the reader is slow and throws once the reader has gone. */
    @FunctionalInterface
    interface Sink {
        void write(byte[] bytes) throws IOException;
    }
}
