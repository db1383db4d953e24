package dev.sampan.serving.tensorflow;

import static dev.sampan.serving.tensorflow.TensorFlowLibrary.STRING_BYTES;
import static dev.sampan.serving.tensorflow.TensorFlowLibrary.call;
import static dev.sampan.serving.tensorflow.TensorFlowLibrary.perform;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings tensors into the library's memory and out of it, by one copy each way: the library wants its own alignment, and a
 * graph may keep an input for longer than the request lives.
 */
final class Tensors {
    private final TensorFlowLibrary library;

    Tensors(TensorFlowLibrary library) {
        this.library = library;
    }

    /** A copy in the library's memory; to be freed with {@link #free}. */
    MemorySegment write(Tensor tensor) {
        return switch (tensor) {
            case Tensor.Numeric numeric -> {
                var target = allocate(numeric, numeric.data().limit());
                content(target)
                        .copyFrom(MemorySegment.ofBuffer(
                                numeric.data().duplicate().rewind()));
                yield target;
            }
            case Tensor.Strings strings -> {
                var target = allocate(strings, strings.values().length * STRING_BYTES);
                var content = content(target);
                try (var arena = Arena.ofConfined()) {
                    for (int i = 0; i < strings.values().length; i++) {
                        byte[] value = strings.values()[i];
                        var string = content.asSlice(i * STRING_BYTES, STRING_BYTES);
                        var bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
                        perform(() -> {
                            library.stringInit.invokeExact(string);
                        });
                        perform(() -> {
                            library.stringCopy.invokeExact(string, bytes, (long) value.length);
                        });
                    }
                }
                yield target;
            }
        };
    }

    private MemorySegment allocate(Tensor tensor, long bytes) {
        long[] shape = tensor.shape();
        try (var arena = Arena.ofConfined()) {
            var sizes = arena.allocateFrom(ValueLayout.JAVA_LONG, shape);
            var target = call(() -> (MemorySegment)
                    library.allocateTensor.invokeExact(tensor.dtype().number(), sizes, shape.length, bytes));
            if (target.equals(MemorySegment.NULL)) {
                throw new ServingException(
                        Code.RESOURCE_EXHAUSTED, "TensorFlow has no memory for a tensor of " + bytes + " bytes");
            }
            return target;
        }
    }

    /** Frees a tensor that was made by {@link #write}; its strings are not the library's to free. */
    void free(MemorySegment tensor, Tensor written) {
        if (written instanceof Tensor.Strings strings) {
            var content = content(tensor);
            for (int i = 0; i < strings.values().length; i++) {
                var string = content.asSlice(i * STRING_BYTES, STRING_BYTES);
                perform(() -> {
                    library.stringFree.invokeExact(string);
                });
            }
        }
        free(tensor);
    }

    /** Frees a tensor that a run has made. */
    void free(MemorySegment tensor) {
        perform(() -> {
            library.deleteTensor.invokeExact(tensor);
        });
    }

    /** A copy of a tensor that a run has made. */
    Tensor read(MemorySegment tensor, DType dtype, BufferScope buffers) {
        int type = call(() -> (int) library.tensorType.invokeExact(tensor));
        if (type != dtype.number()) {
            throw new ServingException(
                    Code.INTERNAL, "an output is of TensorFlow's type " + type + ", its signature says " + dtype);
        }
        long[] shape = shape(tensor);
        var content = content(tensor);
        if (dtype == DType.STRING) {
            return strings(shape, content);
        }
        long bytes = Tensor.elements(shape) * dtype.bytes();
        var target = buffers.take(bytes);
        MemorySegment.ofBuffer(target).copyFrom(content.asSlice(0, bytes));
        return new Tensor.Numeric(dtype, shape, target);
    }

    private long[] shape(MemorySegment tensor) {
        var shape = new long[call(() -> (int) library.dimensions.invokeExact(tensor))];
        for (int i = 0; i < shape.length; i++) {
            int index = i;
            shape[i] = call(() -> (long) library.dimension.invokeExact(tensor, index));
        }
        return shape;
    }

    private Tensor strings(long[] shape, MemorySegment content) {
        var values = new byte[Math.toIntExact(Tensor.elements(shape))][];
        for (int i = 0; i < values.length; i++) {
            var string = content.asSlice(i * STRING_BYTES, STRING_BYTES);
            long size = call(() -> (long) library.stringSize.invokeExact(string));
            var bytes = call(() -> (MemorySegment) library.stringData.invokeExact(string));
            values[i] = bytes.reinterpret(size).toArray(ValueLayout.JAVA_BYTE);
        }
        return new Tensor.Strings(shape, values);
    }

    private MemorySegment content(MemorySegment tensor) {
        long bytes = call(() -> (long) library.byteSize.invokeExact(tensor));
        var pointer = call(() -> (MemorySegment) library.data.invokeExact(tensor));
        return pointer.reinterpret(bytes);
    }
}
