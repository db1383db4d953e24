package dev.sampan.benchmarks;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * One connection of a client that does as little as HTTP/2 allows, so that its own processor time does not hide the server's: no
 * compression of headers, windows as large as there are, answers counted rather than read. Not thread-safe.
 */
final class Http2 implements AutoCloseable {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
    private static final int DEFAULT_WINDOW = 65_535;
    private static final int LARGEST_FRAME = 16_384;
    private static final String FAILURE = "\"kind\":\"Status\"";
    private static final int FAILURE_WITHIN = 64;

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final byte[] payload = new byte[LARGEST_FRAME];
    private int lastStream = -1;
    private long received;

    Http2(SSLContext tls, int port) throws IOException {
        socket = (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setTcpNoDelay(true);
        socket.startHandshake();
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = socket.getOutputStream();
        var settings = ByteBuffer.allocate(12)
                .putShort((short) 1) // no table for headers
                .putInt(0)
                .putShort((short) 4) // the window of a stream
                .putInt(LARGEST_WINDOW)
                .array();
        var hello = new ByteArrayOutputStream();
        hello.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        hello.writeBytes(frame(SETTINGS, 0, 0, settings));
        hello.writeBytes(frame(WINDOW_UPDATE, 0, 0, number(LARGEST_WINDOW - DEFAULT_WINDOW)));
        out.write(hello.toByteArray());
    }

    /** A request's frames but for the number of their stream: made once, sent often. */
    static byte[] headers(String method, String path, Map<String, String> others) {
        var block = new ByteArrayOutputStream();
        field(block, ":method", method);
        field(block, ":scheme", "https");
        field(block, ":authority", "127.0.0.1");
        field(block, ":path", path);
        field(block, "accept", "application/json");
        others.forEach((name, value) -> field(block, name, value));
        return block.toByteArray();
    }

    /** Sends a request and waits for its answer, which is not to be a failure; returns the length of the answer's body. */
    int call(byte[] headers, byte[] body) throws IOException {
        int stream = send(headers, body);
        int length = 0;
        var start = "";
        while (true) {
            var head = head();
            if (head.type == DATA) {
                if (length == 0) {
                    start = new String(payload, 0, Math.min(head.length, FAILURE_WITHIN), StandardCharsets.UTF_8);
                }
                length += head.length;
            }
            boolean ends = (head.type == DATA || head.type == HEADERS) && (head.flags & END_STREAM) != 0;
            if (ends && head.stream == stream) {
                if (start.contains(FAILURE)) {
                    throw new IOException(new String(payload, 0, head.length, StandardCharsets.UTF_8));
                }
                return length;
            }
        }
    }

    /** Sends a request on a stream of its own; returns the number of the stream. */
    int send(byte[] headers, byte[] body) throws IOException {
        lastStream += 2;
        var frames = new ByteArrayOutputStream(headers.length + body.length + 64);
        int flags = END_HEADERS | (body.length == 0 ? END_STREAM : 0);
        frames.writeBytes(frame(HEADERS, flags, lastStream, headers));
        if (body.length > 0) {
            frames.writeBytes(frame(DATA, END_STREAM, lastStream, body));
        }
        out.write(frames.toByteArray());
        return lastStream;
    }

    /** Reads what comes on all streams until the connection ends, and tells how many lines ended. */
    void countLines(IntConsumer ended) throws IOException {
        while (true) {
            var head = head();
            if (head.type == DATA) {
                int lines = 0;
                for (int i = 0; i < head.length; i++) {
                    if (payload[i] == '\n') {
                        lines++;
                    }
                }
                if (lines > 0) {
                    ended.accept(lines);
                }
            }
        }
    }

    private record Head(int length, int type, int flags, int stream) {}

    /** Reads one frame, its content into {@link #payload}, and answers it where the protocol wants it. */
    private Head head() throws IOException {
        int first = in.readInt();
        var head = new Head(first >>> 8, first & 0xFF, in.readUnsignedByte(), in.readInt());
        in.readFully(payload, 0, head.length);
        switch (head.type) {
            case DATA -> credit(head.length);
            case SETTINGS -> {
                if ((head.flags & ACK) == 0) {
                    out.write(frame(SETTINGS, ACK, 0, new byte[0]));
                }
            }
            case PING -> {
                if ((head.flags & ACK) == 0) {
                    out.write(frame(PING, ACK, 0, java.util.Arrays.copyOf(payload, head.length)));
                }
            }
            case RESET, GO_AWAY -> throw new IOException("the server gave up: frame " + head);
            default -> {
                // says nothing that matters here
            }
        }
        return head;
    }

    private void credit(int length) throws IOException {
        received += length;
        if (received > LARGEST_WINDOW / 2) {
            out.write(frame(WINDOW_UPDATE, 0, 0, number((int) received)));
            received = 0;
        }
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A header that is spelled out and not to be remembered. */
    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        int left = bytes.length - 127;
        block.write(Math.min(bytes.length, 127));
        if (left >= 0) {
            for (; left >= 128; left >>>= 7) {
                block.write(left & 0x7F | 0x80);
            }
            block.write(left);
        }
        block.writeBytes(bytes);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
