package dev.sampan.serving.wire;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import java.nio.ByteBuffer;

/**
 * Numbers of a repeated field, in a tensor's buffer as they come: packed or one by one, in one run or several. What the wire
 * has in the tensor's own form (floats) is copied; integers are decoded one by one.
 */
public final class Numbers {
    private static final int FIRST_BYTES = 1024;

    private final DType dtype;
    private final BufferScope buffers;
    private ByteBuffer data;
    private int bytes;

    /** @param dtype of the field's numbers: UINT16 stands for the bits of any 16-bit float */
    public Numbers(DType dtype, BufferScope buffers, int expectedBytes) {
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("strings are no numbers");
        }
        this.dtype = dtype;
        this.buffers = buffers;
        this.data = buffers.take(Math.max(FIRST_BYTES, expectedBytes));
        data.limit(data.capacity());
    }

    public int count() {
        return bytes / dtype.bytes();
    }

    /**
     * The numbers as the content of a tensor.
     *
     * @param as the tensor's type: the field's own or a narrower one
     * @param elements of the tensor; where there are more of them than numbers, the last number is repeated
     */
    public ByteBuffer data(DType as, int elements) {
        int width = dtype.bytes();
        room((long) elements * width - bytes);
        for (; bytes < elements * width; bytes += width) {
            data.put(bytes, data, bytes - width, width);
        }
        if (as.bytes() < width) {
            for (int i = 0; i < elements; i++) {
                narrow(i, as.bytes());
            }
        }
        return data.limit(elements * as.bytes());
    }

    private void narrow(int i, int width) {
        int value = data.getInt(i * Integer.BYTES);
        if (width == Byte.BYTES) {
            data.put(i, (byte) value);
        } else {
            data.putShort(i * Short.BYTES, (short) value);
        }
    }

    /** Appends the value or values of a field. */
    public void read(ProtoReader in, int tag) {
        int type = ProtoReader.type(tag);
        if (type != ProtoReader.LENGTH) {
            one(in, type);
            return;
        }
        int outer = in.enter();
        if (dtype == DType.FLOAT || dtype == DType.DOUBLE) {
            int length = in.remaining();
            if (length % dtype.bytes() != 0) {
                throw new WireException("a packed field ends within a number");
            }
            room(length);
            in.copy(data, bytes, length);
            bytes += length;
        } else {
            while (!in.atEnd()) {
                whole(in.varint());
            }
        }
        in.leave(outer);
    }

    private void one(ProtoReader in, int type) {
        if (dtype == DType.FLOAT && type == ProtoReader.FIXED32) {
            room(Integer.BYTES);
            data.putInt(bytes, in.fixed32());
            bytes += Integer.BYTES;
        } else if (dtype == DType.DOUBLE && type == ProtoReader.FIXED64) {
            room(Long.BYTES);
            data.putLong(bytes, in.fixed64());
            bytes += Long.BYTES;
        } else if (dtype != DType.FLOAT && dtype != DType.DOUBLE && type == ProtoReader.VARINT) {
            whole(in.varint());
        } else {
            throw new WireException("a number has wire type " + type);
        }
    }

    private void whole(long value) {
        int width = dtype.bytes();
        room(width);
        switch (width) {
            case Byte.BYTES -> data.put(bytes, (byte) (dtype == DType.BOOL && value != 0 ? 1 : value));
            case Short.BYTES -> data.putShort(bytes, (short) value);
            case Integer.BYTES -> data.putInt(bytes, (int) value);
            default -> data.putLong(bytes, value);
        }
        bytes += width;
    }

    private void room(long more) {
        long needed = bytes + more;
        if (needed <= data.limit()) {
            return;
        }
        if (needed > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("a tensor of more than " + needed + " bytes is too large");
        }
        var larger = buffers.take(Math.min(Integer.MAX_VALUE - 8, Math.max(needed, data.limit() * 2L)));
        larger.limit(larger.capacity());
        larger.put(0, data, 0, bytes);
        data = larger;
    }
}
