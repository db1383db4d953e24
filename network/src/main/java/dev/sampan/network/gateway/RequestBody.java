package dev.sampan.network.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Blocker;
import org.jspecify.annotations.Nullable;

/**
 * The body of a client's request. A small one is read as a whole, so that it can be sent again; a large one, or one of
 * unknown length that is still coming, is passed on as it comes.
 */
sealed interface RequestBody {

    /** Bodies up to this size are kept. */
    int KEPT = 1 << 20;

    /** The whole body; it can be sent any number of times. */
    record Kept(byte[] bytes, boolean present) implements RequestBody {}

    /**
     * A body that comes in parts; it can be sent once.
     *
     * @param length its length, -1 when not known
     * @param begun what has been read of it already
     */
    record Flowing(Request request, long length, byte[] begun, long limit) implements RequestBody {

        /** Writes the whole body; the sink frames it. */
        void copyTo(Sink sink) throws IOException {
            long total = begun.length;
            if (begun.length > 0) {
                sink.write(ByteBuffer.wrap(begun));
            }
            for (Content.Chunk chunk = next(request); ; chunk = next(request)) {
                try {
                    total += chunk.remaining();
                    if (limit > 0 && total > limit) {
                        throw new BodyTooLarge(limit);
                    }
                    if (chunk.hasRemaining()) {
                        sink.write(chunk.getByteBuffer());
                    }
                    if (chunk.isLast()) {
                        return;
                    }
                } finally {
                    chunk.release();
                }
            }
        }
    }

    /** Takes a body's bytes. */
    @FunctionalInterface
    interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    /** The client sent more than the Ingress allows. */
    final class BodyTooLarge extends IOException {
        private static final long serialVersionUID = 1;

        BodyTooLarge(long limit) {
            super("the body is larger than the limit of " + limit + " bytes that the Ingress sets");
        }
    }

    /** @param limit largest body allowed; 0 for any */
    static RequestBody of(Request request, long limit) throws IOException {
        long length = request.getLength();
        if (limit > 0 && length > limit) {
            throw new BodyTooLarge(limit);
        }
        boolean http1 = request.getConnectionMetaData().getHttpVersion().getVersion() < 20;
        if (http1 && length < 0 && !request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            return new Kept(new byte[0], false);
        }
        if (length > KEPT) {
            return new Flowing(request, length, new byte[0], limit);
        }
        var bytes = new ByteArrayOutputStream((int) Math.max(0, length));
        while (bytes.size() <= KEPT) {
            Content.Chunk chunk = length >= 0 ? next(request) : request.read();
            if (chunk == null) {
                break;
            }
            if (Content.Chunk.isFailure(chunk)) {
                throw new IOException(chunk.getFailure());
            }
            try {
                write(chunk.getByteBuffer(), bytes);
                if (limit > 0 && bytes.size() > limit) {
                    throw new BodyTooLarge(limit);
                }
                if (chunk.isLast()) {
                    return new Kept(bytes.toByteArray(), length >= 0 || bytes.size() > 0);
                }
            } finally {
                chunk.release();
            }
        }
        return new Flowing(request, length, bytes.toByteArray(), limit);
    }

    private static void write(ByteBuffer from, ByteArrayOutputStream to) {
        byte[] part = new byte[from.remaining()];
        from.get(part);
        to.writeBytes(part);
    }

    /** Waits for the next part. */
    private static Content.Chunk next(Request request) throws IOException {
        while (true) {
            Content.@Nullable Chunk chunk = request.read();
            if (chunk != null) {
                if (Content.Chunk.isFailure(chunk)) {
                    throw new IOException(chunk.getFailure());
                }
                return chunk;
            }
            try (Blocker.Runnable blocker = Blocker.runnable()) {
                request.demand(blocker);
                blocker.block();
            }
        }
    }
}
