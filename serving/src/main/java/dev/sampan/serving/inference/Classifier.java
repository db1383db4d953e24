package dev.sampan.serving.inference;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.Class;
import dev.sampan.serving.proto.ClassificationResult;
import dev.sampan.serving.proto.Classifications;
import dev.sampan.serving.proto.Regression;
import dev.sampan.serving.proto.RegressionResult;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Classification and regression of examples. Scores are the output {@code scores}, or the first one of float32; labels are
 * the output {@code classes}, or the class names that the model carries, or the classes' numbers.
 */
public final class Classifier {
    private static final String SCORES = "scores";
    private static final String CLASSES = "classes";

    private final Predictor predictor;

    public Classifier(Predictor predictor) {
        this.predictor = predictor;
    }

    /** One list of labels with scores for each example. */
    public ClassificationResult classify(
            ServableHandle handle, Signature signature, Examples examples, BufferScope buffers) {
        expect(signature, Signature.CLASSIFY);
        var outputs = run(handle, signature, examples, buffers);
        var scores = floats(signature, outputs, SCORES);
        if (scores == null || scores.shape().length != 2 || scores.shape()[0] != examples.count()) {
            throw ServingException.invalid("Signature '" + signature.name()
                    + "' has no float32 output of shape [batch, classes] to classify with");
        }
        var labels = outputs.get(CLASSES) instanceof Tensor.Strings strings ? strings : null;
        int classes = (int) scores.shape()[1];
        var result = ClassificationResult.newBuilder();
        for (int row = 0; row < examples.count(); row++) {
            var classifications = Classifications.newBuilder();
            for (int i = 0; i < classes; i++) {
                int at = row * classes + i;
                classifications.addClasses(Class.newBuilder()
                        .setLabel(label(labels, at, handle.model().classNames(), i))
                        .setScore(scores.data().getFloat(at * Float.BYTES)));
            }
            result.addClassifications(classifications);
        }
        return result.build();
    }

    /** One value for each example. */
    public RegressionResult regress(
            ServableHandle handle, Signature signature, Examples examples, BufferScope buffers) {
        expect(signature, Signature.REGRESS);
        var values = floats(signature, run(handle, signature, examples, buffers), "outputs");
        if (values == null || Tensor.elements(values.shape()) != examples.count()) {
            throw ServingException.invalid(
                    "Signature '" + signature.name() + "' has no float32 output of one value a row to regress with");
        }
        var result = RegressionResult.newBuilder();
        for (int row = 0; row < examples.count(); row++) {
            result.addRegressions(Regression.newBuilder().setValue(values.data().getFloat(row * Float.BYTES)));
        }
        return result.build();
    }

    private Map<String, Tensor> run(
            ServableHandle handle, Signature signature, Examples examples, BufferScope buffers) {
        return predictor.predict(handle, signature, examples.tensors(signature, buffers), List.of(), buffers);
    }

    /** Models without signatures of their own are taken for what they are asked to be, if their outputs allow it. */
    private static void expect(Signature signature, String method) {
        if (!signature.method().equals(method) && !signature.method().equals(Signature.PREDICT)) {
            throw ServingException.invalid(
                    "Expected signature method_name to be " + method + ". Was: " + signature.method());
        }
    }

    private static Tensor.@Nullable Numeric floats(Signature signature, Map<String, Tensor> outputs, String name) {
        if (outputs.get(name) instanceof Tensor.Numeric numeric && numeric.dtype() == DType.FLOAT) {
            return numeric;
        }
        for (var spec : signature.outputs()) {
            if (spec.dtype() == DType.FLOAT && outputs.get(spec.name()) instanceof Tensor.Numeric numeric) {
                return numeric;
            }
        }
        return null;
    }

    private static String label(Tensor.@Nullable Strings labels, int at, List<String> names, int index) {
        if (labels != null && at < labels.values().length) {
            return new String(labels.values()[at], StandardCharsets.UTF_8);
        }
        return index < names.size() ? names.get(index) : Integer.toString(index);
    }
}
