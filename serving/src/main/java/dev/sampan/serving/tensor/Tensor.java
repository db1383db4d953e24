package dev.sampan.serving.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A dense tensor in row-major order. */
public sealed interface Tensor {

    DType dtype();

    /** Sizes of the dimensions; empty for a scalar. Not to be changed. */
    long[] shape();

    /** Numbers and booleans. Belongs to the request it came with; not to be used by two threads at once. */
    final class Numeric implements Tensor {
        private final DType dtype;
        private final long[] shape;
        private final Content content;

        /** @param data a direct buffer in native byte order whose bytes from 0 to its limit are the elements */
        public Numeric(DType dtype, long[] shape, ByteBuffer data) {
            this(dtype, shape, new InPlace(data));
            if (data.order() != ByteOrder.nativeOrder()) {
                throw new IllegalArgumentException("numbers in native byte order are expected");
            }
        }

        /** A tensor whose elements are still where they came from. */
        public Numeric(DType dtype, long[] shape, Content content) {
            if (dtype == DType.STRING) {
                throw new IllegalArgumentException("strings are no numbers");
            }
            if (content.bytes() != elements(shape) * dtype.bytes()) {
                throw new IllegalArgumentException(
                        content.bytes() + " bytes are not a " + dtype + " tensor of shape " + Arrays.toString(shape));
            }
            this.dtype = dtype;
            this.shape = shape;
            this.content = content;
        }

        @Override
        public DType dtype() {
            return dtype;
        }

        @Override
        public long[] shape() {
            return shape;
        }

        /** Size of all elements. */
        public int bytes() {
            return content.bytes();
        }

        /** A direct buffer in native byte order whose bytes from 0 to its limit are the elements. */
        public ByteBuffer data() {
            return content.data();
        }

        /** Copies all elements to a place in a buffer. */
        public void copyTo(ByteBuffer target, int at) {
            content.copyTo(target, at);
        }
    }

    /** The elements of a tensor of numbers, wherever they lie. */
    interface Content {
        int bytes();

        /** All of them in one direct buffer in native byte order, from 0 to its limit. */
        ByteBuffer data();

        void copyTo(ByteBuffer target, int at);
    }

    /** Elements that lie as they are needed. */
    record InPlace(ByteBuffer data) implements Content {
        @Override
        public int bytes() {
            return data.limit();
        }

        @Override
        public void copyTo(ByteBuffer target, int at) {
            target.put(at, data, 0, data.limit());
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
