package dev.sampan.serving.v2;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;

/** Tensors as bytes: elements in row-major order, little-endian; strings each after its length in four bytes. */
final class RawTensors {
    private RawTensors() {}

    /** The element type of that name. */
    static DType dtype(String input, String name) {
        for (var dtype : DType.values()) {
            if (dtype.v2Name().equals(name)) {
                return dtype;
            }
        }
        throw ServingException.invalid("input '" + input + "' has datatype '" + name + "', which is not supported");
    }

    /** Number of elements of an input. */
    static int elements(String input, long[] shape) {
        try {
            for (long size : shape) {
                if (size < 0) {
                    throw ServingException.invalid(
                            "input '" + input + "' has a negative size in its shape " + Tensor.describe(shape));
                }
            }
            long count = Tensor.elements(shape);
            if (count <= Integer.MAX_VALUE / Long.BYTES) {
                return (int) count;
            }
        } catch (ArithmeticException e) {
            throw new ServingException(
                    Code.INVALID_ARGUMENT,
                    "input '" + input + "' has an impossible shape " + Tensor.describe(shape),
                    e);
        }
        throw ServingException.invalid("input '" + input + "' is too large: shape " + Tensor.describe(shape));
    }

    /** The tensor in all the bytes that remain. */
    static Tensor read(String input, DType dtype, long[] shape, ByteBuffer bytes, BufferScope buffers) {
        int count = elements(input, shape);
        if (dtype == DType.STRING) {
            return new Tensor.Strings(shape, strings(input, shape, count, bytes));
        }
        requireBytes(input, dtype, shape, bytes.remaining());
        var data = buffers.take(bytes.remaining());
        data.put(0, bytes, bytes.position(), bytes.remaining());
        return new Tensor.Numeric(dtype, shape, data);
    }

    /** The tensor in bytes that stay where they are. */
    static Tensor of(String input, DType dtype, long[] shape, Tensor.Content bytes) {
        int count = elements(input, shape);
        if (dtype == DType.STRING) {
            return new Tensor.Strings(shape, strings(input, shape, count, bytes.data()));
        }
        requireBytes(input, dtype, shape, bytes.bytes());
        return new Tensor.Numeric(dtype, shape, bytes);
    }

    private static void requireBytes(String input, DType dtype, long[] shape, int given) {
        long expected = Tensor.elements(shape) * dtype.bytes();
        if (given != expected) {
            throw ServingException.invalid("input '" + input + "' of datatype " + dtype.v2Name() + " and shape "
                    + Tensor.describe(shape) + " needs " + expected + " bytes, not " + given);
        }
    }

    private static byte[][] strings(String input, long[] shape, int count, ByteBuffer bytes) {
        var in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        var values = new ArrayList<byte[]>();
        while (in.remaining() >= Integer.BYTES) {
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw ServingException.invalid("input '" + input + "': element " + values.size() + " of " + length
                        + " bytes ends beyond the tensor");
            }
            var value = new byte[length];
            in.get(value);
            values.add(value);
        }
        if (in.hasRemaining() || values.size() != count) {
            throw ServingException.invalid("input '" + input + "' of shape " + Tensor.describe(shape) + " needs "
                    + count + " elements, not " + values.size());
        }
        return values.toArray(byte[][]::new);
    }

    /** Bytes that a tensor takes. */
    static int size(Tensor tensor) {
        return switch (tensor) {
            case Tensor.Numeric numeric -> numeric.data().limit();
            case Tensor.Strings strings -> {
                int size = 0;
                for (var value : strings.values()) {
                    size = Math.addExact(size, Integer.BYTES + value.length);
                }
                yield size;
            }
        };
    }

    /** Appends a tensor's bytes. */
    static void write(Tensor tensor, ByteBuffer out) {
        switch (tensor) {
            case Tensor.Numeric numeric -> out.put(numeric.data().duplicate().position(0));
            case Tensor.Strings strings -> {
                out.order(ByteOrder.LITTLE_ENDIAN);
                for (var value : strings.values()) {
                    out.putInt(value.length).put(value);
                }
            }
        }
    }
}
