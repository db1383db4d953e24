package dev.sampan.serving.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A dense tensor in row-major order. */
public sealed interface Tensor {

    DType dtype();

    /** Sizes of the dimensions; empty for a scalar. Not to be changed. */
    long[] shape();

    /**
     * Numbers and booleans.
     *
     * @param data a direct buffer in native byte order whose bytes from 0 to its limit are the elements
     */
    record Numeric(DType dtype, long[] shape, ByteBuffer data) implements Tensor {
        public Numeric {
            if (dtype == DType.STRING || data.order() != ByteOrder.nativeOrder()) {
                throw new IllegalArgumentException("numbers in native byte order are expected");
            }
            if (data.limit() != elements(shape) * dtype.bytes()) {
                throw new IllegalArgumentException(
                        data.limit() + " bytes are not a " + dtype + " tensor of shape " + Arrays.toString(shape));
            }
        }
    }

    /** Byte strings. */
    record Strings(long[] shape, byte[][] values) implements Tensor {
        public Strings {
            if (values.length != elements(shape)) {
                throw new IllegalArgumentException(
                        values.length + " strings are not a tensor of shape " + Arrays.toString(shape));
            }
        }

        @Override
        public DType dtype() {
            return DType.STRING;
        }
    }

    /** Number of elements of a tensor of this shape. */
    static long elements(long[] shape) {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }

    /** A shape as TensorFlow prints it: {@code [2,3]}. */
    static String describe(long[] shape) {
        return Arrays.toString(shape).replace(" ", "");
    }
}
