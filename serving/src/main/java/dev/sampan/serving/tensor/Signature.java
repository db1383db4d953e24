package dev.sampan.serving.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way to call a model.
 *
 * @param name by which clients choose it
 * @param method TensorFlow's method name, such as {@code tensorflow/serving/predict}
 * @param inputs all of them are needed
 * @param outputs in the model's order
 */
public record Signature(String name, String method, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    /** The signature that is meant when a request names none. */
    public static final String DEFAULT = "serving_default";

    public static final String PREDICT = "tensorflow/serving/predict";
    public static final String CLASSIFY = "tensorflow/serving/classify";
    public static final String REGRESS = "tensorflow/serving/regress";

    public Signature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public @Nullable TensorSpec input(String inputName) {
        return find(inputs, inputName);
    }

    public @Nullable TensorSpec output(String outputName) {
        return find(outputs, outputName);
    }

    private static @Nullable TensorSpec find(List<TensorSpec> specs, String name) {
        for (var spec : specs) {
            if (spec.name().equals(name)) {
                return spec;
            }
        }
        return null;
    }
}
