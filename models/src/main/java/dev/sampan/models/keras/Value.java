package dev.sampan.models.keras;

import dev.sampan.models.onnx.Onnx.TensorProto.DataType;
import java.util.Arrays;
import java.util.List;

/**
 * A value in the graph.
 *
 * @param shape sizes of the dimensions after the batch, in Keras' order; -1 for any size
 */
record Value(String name, DataType type, List<Long> shape) {
    static Value floats(String name, long... shape) {
        return new Value(name, DataType.FLOAT, Arrays.stream(shape).boxed().toList());
    }

    int rank() {
        return shape.size();
    }

    long size(int dimension) {
        return shape.get(dimension);
    }

    long last() {
        return shape.isEmpty() ? 1 : shape.getLast();
    }

    /** The same shape with another last dimension. */
    long[] withLast(long size) {
        long[] sizes = sizes();
        sizes[sizes.length - 1] = size;
        return sizes;
    }

    long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
