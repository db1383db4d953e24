package dev.sampan.serving.batching;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Brings tensors whose rows have different shapes to the largest size of each dimension. As in TensorFlow Serving, a tensor
 * is padded with its own first element, so that the padding is a value that the model knows.
 */
final class Padding {
    private Padding() {}

    /** The tensors with equal shapes but for the first dimension; as they are if they have them. */
    static List<Tensor> toOneShape(List<Tensor> tensors, BufferScope buffers) {
        long[] largest = tensors.getFirst().shape().clone();
        boolean same = true;
        for (var tensor : tensors) {
            long[] shape = tensor.shape();
            for (int i = 1; i < largest.length; i++) {
                same &= shape[i] == largest[i];
                largest[i] = Math.max(largest[i], shape[i]);
            }
        }
        return same
                ? tensors
                : tensors.stream().map(tensor -> pad(tensor, largest, buffers)).toList();
    }

    private static Tensor pad(Tensor tensor, long[] largest, BufferScope buffers) {
        long[] from = tensor.shape();
        long[] to = largest.clone();
        to[0] = from[0];
        if (Arrays.equals(from, to)) {
            return tensor;
        }
        int count = Math.toIntExact(Tensor.elements(to));
        return switch (tensor) {
            case Tensor.Strings strings -> {
                var values = new byte[count][];
                Arrays.fill(values, strings.values().length == 0 ? new byte[0] : strings.values()[0]);
                copy(
                        from,
                        to,
                        0,
                        0,
                        0,
                        (source, target, length) -> System.arraycopy(strings.values(), source, values, target, length));
                yield new Tensor.Strings(to, values);
            }
            case Tensor.Numeric numeric -> {
                int bytes = numeric.dtype().bytes();
                var data = buffers.take((long) count * bytes);
                for (int at = 0; at < data.limit(); at++) {
                    data.put(
                            at, numeric.data().limit() == 0 ? 0 : numeric.data().get(at % bytes));
                }
                copy(
                        from,
                        to,
                        0,
                        0,
                        0,
                        (source, target, length) ->
                                data.put(target * bytes, numeric.data(), source * bytes, length * bytes));
                yield new Tensor.Numeric(numeric.dtype(), to, data);
            }
        };
    }

    /** Copies elements that lie one after the other. */
    private interface Run {
        void copy(int source, int target, int length);
    }

    private static void copy(long[] from, long[] to, int dimension, int source, int target, Run run) {
        if (dimension == from.length - 1) {
            run.copy(source, target, (int) from[dimension]);
            return;
        }
        int sourceStep = (int) Tensor.elements(Arrays.copyOfRange(from, dimension + 1, from.length));
        int targetStep = (int) Tensor.elements(Arrays.copyOfRange(to, dimension + 1, to.length));
        for (int i = 0; i < from[dimension]; i++) {
            copy(from, to, dimension + 1, source + i * sourceStep, target + i * targetStep, run);
        }
    }
}
