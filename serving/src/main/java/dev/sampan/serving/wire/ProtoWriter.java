package dev.sampan.serving.wire;

import dev.sampan.serving.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes one message, from tensors' buffers into the network's. A nested message needs its size before it: the static methods
 * tell what each field takes. Owned by one thread.
 */
public final class ProtoWriter {
    private static final int CHUNK = 4096;
    private static final int MAX_VARINT = 10;

    private final OutputStream out;
    private final byte[] chunk;
    private int length;

    /** @param size of the whole message in bytes */
    public ProtoWriter(OutputStream out, int size) {
        this.out = out;
        this.chunk = new byte[Math.min(CHUNK, size + MAX_VARINT)];
    }

    /** A field's tag and value. */
    public ProtoWriter varint(int field, long value) throws IOException {
        return tag(field, ProtoReader.VARINT).number(value);
    }

    public ProtoWriter string(int field, byte[] utf8) throws IOException {
        return nested(field, utf8.length).bytes(utf8);
    }

    /** Tag and length of a nested message, of a packed field or of bytes, which follow. */
    public ProtoWriter nested(int field, int size) throws IOException {
        return tag(field, ProtoReader.LENGTH).number(size);
    }

    private ProtoWriter tag(int field, int type) throws IOException {
        return number((long) field << 3 | type);
    }

    /** An integer without a tag. */
    public ProtoWriter number(long value) throws IOException {
        room(MAX_VARINT);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            chunk[length++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        chunk[length++] = (byte) left;
        return this;
    }

    /** Four bytes without a tag. */
    public ProtoWriter fixed32(int value) throws IOException {
        room(Integer.BYTES);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            chunk[length++] = (byte) (value >>> shift);
        }
        return this;
    }

    /** Bytes without tag and length. */
    public ProtoWriter bytes(byte[] value) throws IOException {
        for (int at = 0; at < value.length; ) {
            room(1);
            int count = Math.min(value.length - at, chunk.length - length);
            System.arraycopy(value, at, chunk, length, count);
            length += count;
            at += count;
        }
        return this;
    }

    /** The bytes of a buffer from 0 to its limit, as they lie there. */
    public ProtoWriter raw(ByteBuffer data) throws IOException {
        for (int at = 0; at < data.limit(); ) {
            room(1);
            int count = Math.min(data.limit() - at, chunk.length - length);
            data.get(at, chunk, length, count);
            length += count;
            at += count;
        }
        return this;
    }

    /** Numbers of a tensor, packed, without tag and length. */
    public ProtoWriter packed(DType dtype, ByteBuffer data) throws IOException {
        if (isFixed(dtype)) {
            return raw(data);
        }
        for (int at = 0; at < data.limit(); at += dtype.bytes()) {
            number(whole(dtype, data, at));
        }
        return this;
    }

    /** What {@link #packed} takes. */
    public static int packedSize(DType dtype, ByteBuffer data) {
        if (isFixed(dtype)) {
            return data.limit();
        }
        long size = 0;
        for (int at = 0; at < data.limit(); at += dtype.bytes()) {
            size += varintSize(whole(dtype, data, at));
        }
        return Math.toIntExact(size);
    }

    private static boolean isFixed(DType dtype) {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalStateException("tensors go over the wire in little-endian order");
        }
        return dtype == DType.FLOAT || dtype == DType.DOUBLE;
    }

    /** A number as protobuf's integer fields carry it; 16-bit floats as their bits. */
    private static long whole(DType dtype, ByteBuffer data, int at) {
        return switch (dtype) {
            case BOOL -> data.get(at) == 0 ? 0 : 1;
            case INT8 -> data.get(at);
            case UINT8 -> data.get(at) & 0xff;
            case INT16 -> data.getShort(at);
            case UINT16, HALF, BFLOAT16 -> data.getShort(at) & 0xffff;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xffff_ffffL;
            case INT64, UINT64 -> data.getLong(at);
            case FLOAT, DOUBLE, STRING -> throw new IllegalArgumentException(dtype + " is no integer");
        };
    }

    /** Size of a field with its tag. */
    public static int varintFieldSize(int field, long value) {
        return varintSize((long) field << 3) + varintSize(value);
    }

    /** Size of a field of bytes or of a nested message, with tag and length. */
    public static int nestedSize(int field, int size) {
        return Math.addExact(varintSize((long) field << 3) + varintSize(size), size);
    }

    public static int varintSize(long value) {
        return (Long.SIZE + 6 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    /** UTF-8 of a text. */
    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void room(int count) throws IOException {
        if (chunk.length - length < count) {
            flush();
        }
    }

    /** Hands everything to the stream. */
    public void flush() throws IOException {
        out.write(chunk, 0, length);
        length = 0;
    }
}
