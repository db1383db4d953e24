package dev.sampan.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A gRPC client that costs next to nothing, so that the server is measured and not the client: it sends the same frames of
 * HTTP/2 again and again over a socket, one request at a time, and of the answers sees only that there is one.
 */
final class GrpcSocket implements ServingClients.Client {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FRAME_HEADER = 9;
    private static final int MAX_FRAME = 1 << 14;
    private static final int GRPC_PREFIX = 5;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int FIRST_WINDOW = 65_535;

    private final Socket socket;
    private final DataInputStream in;
    /** All frames of a request; the stream's number is put into each before it is sent. */
    private final ByteBuffer request;

    private final int dataBytes;
    private int stream = 1;
    /** Bytes of data that the server is ready to take over the connection. */
    private long window = FIRST_WINDOW;

    /**
     * @param path of the method
     * @param message of every request
     */
    GrpcSocket(int port, String path, byte[] message) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        request = frames(headers(path), message);
        dataBytes = message.length + GRPC_PREFIX;
        var hello = ByteBuffer.allocate(PREFACE.length + 2 * FRAME_HEADER + Integer.BYTES)
                .put(PREFACE);
        frame(hello, 0, SETTINGS, 0, 0);
        // The server may send 2 GB of answers without further leave.
        frame(hello, Integer.BYTES, WINDOW_UPDATE, 0, 0);
        hello.putInt(Integer.MAX_VALUE - FIRST_WINDOW);
        socket.getOutputStream().write(hello.array());
    }

    /** HPACK, every header literally and without indexing. */
    private static byte[] headers(String path) {
        var block = ByteBuffer.allocate(512);
        String[] headers = {
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            path,
            ":authority",
            "localhost",
            "te",
            "trailers",
            "content-type",
            "application/grpc"
        };
        for (int i = 0; i < headers.length; i += 2) {
            block.put((byte) 0);
            for (int k = i; k < i + 2; k++) {
                block.put((byte) headers[k].length()).put(headers[k].getBytes(StandardCharsets.US_ASCII));
            }
        }
        var bytes = new byte[block.flip().remaining()];
        block.get(bytes);
        return bytes;
    }

    private static ByteBuffer frames(byte[] headers, byte[] message) {
        var data = ByteBuffer.allocate(GRPC_PREFIX + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .flip();
        int count = 1 + (data.remaining() + MAX_FRAME - 1) / MAX_FRAME;
        var frames = ByteBuffer.allocate(count * FRAME_HEADER + headers.length + data.remaining());
        frame(frames, headers.length, HEADERS, END_HEADERS, 0);
        frames.put(headers);
        while (data.hasRemaining()) {
            int length = Math.min(MAX_FRAME, data.remaining());
            frame(frames, length, DATA, length == data.remaining() ? END_STREAM : 0, 0);
            frames.put(data.slice(data.position(), length));
            data.position(data.position() + length);
        }
        return frames.flip();
    }

    private static void frame(ByteBuffer out, int length, int type, int flags, int stream) {
        out.put((byte) (length >> 16)).putShort((short) length);
        out.put((byte) type).put((byte) flags).putInt(stream);
    }

    @Override
    public void call() throws IOException {
        for (int at = 0; at < request.limit(); at += FRAME_HEADER + length(at)) {
            request.putInt(at + FRAME_HEADER - Integer.BYTES, stream);
        }
        while (window < dataBytes) {
            read();
        }
        window -= dataBytes;
        socket.getOutputStream().write(request.array(), 0, request.limit());
        stream += 2;
        boolean answered = false;
        for (int seen = read(); seen != ENDED; seen = read()) {
            answered |= seen == ANSWERED;
        }
        if (!answered) {
            throw new IOException("a wrong answer");
        }
    }

    private int length(int at) {
        return request.getInt(at) >>> Byte.SIZE;
    }

    private static final int NOTHING = 0;
    private static final int ANSWERED = 1;
    private static final int ENDED = 2;

    /** Reads a frame; what it means for the request that is under way. */
    private int read() throws IOException {
        int word = in.readInt();
        int length = word >>> Byte.SIZE;
        int type = word & 0xff;
        int flags = in.readUnsignedByte();
        int id = in.readInt();
        switch (type) {
            case WINDOW_UPDATE -> {
                int more = in.readInt();
                window += id == 0 ? more : 0;
                return NOTHING;
            }
            case SETTINGS, PING -> {
                var payload = in.readNBytes(length);
                if ((flags & ACK) == 0) {
                    acknowledge(type, type == PING ? payload : new byte[0]);
                }
                return NOTHING;
            }
            default -> in.skipNBytes(length);
        }
        if (type == HEADERS && (flags & END_STREAM) != 0) {
            return ENDED;
        }
        return type == DATA && length > GRPC_PREFIX ? ANSWERED : NOTHING;
    }

    private void acknowledge(int type, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(FRAME_HEADER + payload.length);
        frame(frame, payload.length, type, ACK, 0);
        socket.getOutputStream().write(frame.put(payload).array());
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
