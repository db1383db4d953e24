package dev.sampan.node.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Map;

/** One stream of a SPDY connection that the client has opened: two directions, each with its own end. */
final class SpdyStream {

    private final SpdySession session;
    private final int id;
    private final Map<String, String> headers;
    private final ByteQueue input = new ByteQueue();
    private final Out output = new Out();
    private volatile boolean closed;

    /** @param headers with lower-case names */
    SpdyStream(SpdySession session, int id, Map<String, String> headers) {
        this.session = session;
        this.id = id;
        this.headers = Map.copyOf(headers);
    }

    int id() {
        return id;
    }

    /** A header by its name in whatever case; empty when it is not there. */
    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** What the client sends. */
    InputStream input() {
        return input;
    }

    /** What goes to the client; closing it ends this direction only. */
    OutputStream output() {
        return output;
    }

    void received(byte[] bytes) throws InterruptedException {
        input.put(bytes);
    }

    void ended() {
        input.end();
    }

    /** The client has reset the stream, or is gone. */
    void broken() {
        closed = true;
        input.close();
    }

    private final class Out extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (closed) {
                throw new IOException("the client has closed the stream");
            }
            session.data(id, bytes, offset, length, false);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                session.data(id, new byte[0], 0, 0, true);
            }
        }
    }
}
