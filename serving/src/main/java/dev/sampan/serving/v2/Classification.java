package dev.sampan.serving.v2;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Triton's classification extension: an output as its best classes, {@code score:index:label} each. */
final class Classification {
    private Classification() {}

    /** Of each row the {@code count} greatest values, the greatest first. */
    static Tensor best(String name, Tensor tensor, int count, List<String> labels) {
        long[] shape = tensor.shape();
        if (!(tensor instanceof Tensor.Numeric numeric) || shape.length == 0 || !known(numeric.dtype())) {
            throw ServingException.invalid("output '" + name + "' has no scores to classify by");
        }
        int classes = (int) shape[shape.length - 1];
        int rows = classes == 0 ? 0 : (int) (Tensor.elements(shape) / classes);
        int kept = Math.min(count, classes);
        var values = new byte[rows * kept][];
        for (int row = 0; row < rows; row++) {
            int first = row * classes;
            var order = IntStream.range(0, classes)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -score(numeric, first + i)))
                    .limit(kept)
                    .toList();
            for (int i = 0; i < kept; i++) {
                values[row * kept + i] = text(numeric, first, order.get(i), labels);
            }
        }
        long[] bestShape = shape.clone();
        bestShape[shape.length - 1] = kept;
        return new Tensor.Strings(bestShape, values);
    }

    private static byte[] text(Tensor.Numeric scores, int first, int index, List<String> labels) {
        double score = score(scores, first + index);
        var value = scores.dtype() == DType.DOUBLE ? Double.toString(score) : Float.toString((float) score);
        var label = index < labels.size() ? ":" + labels.get(index) : "";
        return (value + ":" + index + label).getBytes(StandardCharsets.UTF_8);
    }

    private static boolean known(DType dtype) {
        return dtype == DType.FLOAT || dtype == DType.DOUBLE || dtype == DType.HALF;
    }

    private static double score(Tensor.Numeric tensor, int at) {
        return switch (tensor.dtype()) {
            case DOUBLE -> tensor.data().getDouble(at * Double.BYTES);
            case HALF -> Float.float16ToFloat(tensor.data().getShort(at * Short.BYTES));
            default -> tensor.data().getFloat(at * Float.BYTES);
        };
    }
}
