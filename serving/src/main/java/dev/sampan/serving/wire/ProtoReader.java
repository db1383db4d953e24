package dev.sampan.serving.wire;

import dev.sampan.serving.tensor.BufferScope;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message field by field, from the buffers in which the network has put it. A tag is read with {@link #tag}, then
 * its value with the method of its type or {@link #skip}; a nested message lies between {@link #enter} and {@link #leave}.
 * All methods throw {@link WireException} if the bytes are no such thing.
 */
public final class ProtoReader {
    public static final int VARINT = 0;
    public static final int FIXED64 = 1;
    public static final int LENGTH = 2;
    public static final int FIXED32 = 5;

    private static final int TYPE_BITS = 3;
    private static final int MAX_VARINT = 10;
    private static final int TYPICAL_CHUNK = 1 << 14;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Where further buffers come from; null if the present one is the last. */
    private @Nullable InputStream stream;

    private ByteBuffer chunk;
    /** Size of the present buffer, all of which is still to be taken from the stream. */
    private int chunkSize;
    /** Bytes of the message before the present buffer. */
    private int before;
    /** Where the message ends that is being read. */
    private int end;

    /** A message in a buffer's remaining bytes. */
    public ProtoReader(ByteBuffer message) {
        this.stream = null;
        this.chunk = message.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.end = chunk.limit();
    }

    private ProtoReader(InputStream stream, int length) {
        this.stream = stream;
        this.chunk = NOTHING;
        this.end = length;
    }

    /** A message as gRPC hands it over. */
    public static ProtoReader of(InputStream message) {
        try {
            return readsInPlace(message)
                    ? new ProtoReader(message, message.available())
                    : new ProtoReader(ByteBuffer.wrap(message.readAllBytes()));
        } catch (IOException e) {
            throw new WireException("the message cannot be read", e);
        }
    }

    private static boolean readsInPlace(InputStream message) {
        return message instanceof KnownLength
                && message instanceof Detachable
                && message.markSupported()
                && message instanceof HasByteBuffer buffers
                && buffers.byteBufferSupported();
    }

    /** Keeps the network's buffers until the scope is closed, for {@link #content}; before anything is read. */
    public void keepFor(BufferScope scope) {
        if (stream instanceof Detachable detachable) {
            var own = detachable.detach();
            // Buffers that have been read are kept from now on.
            own.mark(end);
            stream = own;
            scope.closing(() -> {
                try {
                    own.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** A field of bytes with its length, left where it is until it is needed; see {@link #keepFor}. */
    public Content content(BufferScope scope) {
        int length = length();
        var pieces = new ArrayList<ByteBuffer>(1 + length / TYPICAL_CHUNK);
        for (int done = 0; done < length; ) {
            int part = available(length - done);
            pieces.add(chunk.slice(chunk.position(), part));
            chunk.position(chunk.position() + part);
            done += part;
        }
        return new Content(pieces, length, scope);
    }

    /** The next field's number and wire type, {@code number << 3 | type}; 0 at the end of the message. */
    public int tag() {
        if (atEnd()) {
            return 0;
        }
        int tag = (int) varint();
        if (number(tag) == 0) {
            throw new WireException("a field has number 0");
        }
        return tag;
    }

    /** A tag's field number. */
    public static int number(int tag) {
        return tag >>> TYPE_BITS;
    }

    /** A tag's wire type. */
    public static int type(int tag) {
        return tag & (1 << TYPE_BITS) - 1;
    }

    public boolean atEnd() {
        return position() >= end;
    }

    private int position() {
        return before + chunk.position();
    }

    /** Bytes left of the message that is being read. */
    public int remaining() {
        return end - position();
    }

    /** Goes into a nested message or a packed field; returns what {@link #leave} needs. */
    public int enter() {
        int length = length();
        int outer = end;
        end = position() + length;
        return outer;
    }

    /** Goes back to the outer message, after all fields of the nested one. */
    public void leave(int outer) {
        if (position() != end) {
            throw new WireException("a field ends beyond its message");
        }
        end = outer;
    }

    /** The length before a field of bytes; so many are there. */
    public int length() {
        long length = varint();
        if (length < 0 || length > remaining()) {
            throw new WireException("a field ends beyond its message");
        }
        return (int) length;
    }

    public long varint() {
        if (chunk.remaining() >= MAX_VARINT) {
            return varintIn(chunk);
        }
        long value = 0;
        for (int shift = 0; shift < 7 * MAX_VARINT; shift += 7) {
            byte b = next();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new WireException("a number does not end");
    }

    private static long varintIn(ByteBuffer in) {
        int at = in.position();
        long value = in.get(at++);
        if (value >= 0) {
            in.position(at);
            return value;
        }
        value &= 0x7f;
        for (int shift = 7; shift < 7 * MAX_VARINT; shift += 7) {
            byte b = in.get(at++);
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                in.position(at);
                return value;
            }
        }
        throw new WireException("a number does not end");
    }

    private byte next() {
        if (!chunk.hasRemaining()) {
            nextChunk();
        }
        return chunk.get();
    }

    public int fixed32() {
        if (chunk.remaining() >= Integer.BYTES) {
            return chunk.getInt();
        }
        int value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            value |= (next() & 0xff) << shift;
        }
        return value;
    }

    public long fixed64() {
        return fixed32() & 0xffff_ffffL | (long) fixed32() << Integer.SIZE;
    }

    public String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** A field of bytes with its length. */
    public byte[] bytes() {
        var value = new byte[length()];
        for (int at = 0; at < value.length; ) {
            int count = available(value.length - at);
            chunk.get(value, at, count);
            at += count;
        }
        return value;
    }

    /** Copies the next bytes to a place in a buffer. */
    public void copy(ByteBuffer target, int at, int count) {
        for (int done = 0; done < count; ) {
            int part = available(count - done);
            target.put(at + done, chunk, chunk.position(), part);
            chunk.position(chunk.position() + part);
            done += part;
        }
    }

    /** How many of so many bytes are in the present buffer, at least one. */
    private int available(int wanted) {
        if (!chunk.hasRemaining()) {
            nextChunk();
        }
        return Math.min(wanted, chunk.remaining());
    }

    private void nextChunk() {
        if (stream == null) {
            throw new WireException("the message is truncated");
        }
        try {
            stream.skipNBytes(chunkSize);
            before += chunkSize;
            ByteBuffer next = ((HasByteBuffer) stream).getByteBuffer();
            if (next == null || !next.hasRemaining()) {
                throw new WireException("the message is truncated");
            }
            chunk = next.slice().order(ByteOrder.LITTLE_ENDIAN);
            chunkSize = chunk.limit();
        } catch (IOException e) {
            throw new WireException("the message cannot be read", e);
        }
    }

    /** Passes the value of a field that nobody wants. */
    public void skip(int tag) {
        switch (type(tag)) {
            case VARINT -> varint();
            case FIXED64 -> skipBytes(Long.BYTES);
            case LENGTH -> skipBytes(length());
            case FIXED32 -> skipBytes(Integer.BYTES);
            default -> throw new WireException("wire type " + type(tag) + " is not supported");
        }
    }

    private void skipBytes(int count) {
        for (int left = count; left > 0; ) {
            int part = available(left);
            chunk.position(chunk.position() + part);
            left -= part;
        }
    }
}
