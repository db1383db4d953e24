package dev.sampan.models.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sampan.models.data.DataException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An ONNX model that maps rows of floats to class scores, run by ONNX Runtime on one thread. */
public final class OnnxClassifier implements AutoCloseable {
    private static final int CHUNK = 256;

    private final OrtEnvironment environment = OnnxRuntimes.environment();
    private final OrtSession session;
    private final String input;
    private final String output;
    private final long[] inputShape;

    /**
     * Loads a model.
     *
     * @throws DataException if it does not load, or does not have one float32 input; of several outputs the first float32
     *     one of rank 2 is taken
     */
    public OnnxClassifier(byte[] model) {
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = environment.createSession(model, options);
            if (session.getInputNames().size() != 1) {
                throw new DataException("the model has inputs " + session.getInputNames() + "; a classifier has one");
            }
            var only = session.getInputInfo().values().iterator().next();
            input = only.getName();
            if (!(only.getInfo() instanceof TensorInfo info) || info.type != OnnxJavaType.FLOAT) {
                throw new DataException("input '" + input + "' is " + only.getInfo() + ", not a float32 tensor");
            }
            inputShape = info.getShape();
            output = scores();
        } catch (OrtException e) {
            throw new DataException("ONNX Runtime does not load the model: " + e.getMessage(), e);
        }
    }

    private String scores() throws OrtException {
        for (var candidate : session.getOutputInfo().values()) {
            if (candidate.getInfo() instanceof TensorInfo info
                    && info.type == OnnxJavaType.FLOAT
                    && info.getShape().length == 2) {
                return candidate.getName();
            }
        }
        throw new DataException(
                "the model has no float32 output of shape [batch, classes]: " + session.getOutputInfo());
    }

    /** Class names as the converter recorded them; empty if the model does not say. */
    public List<String> classes() {
        try {
            var recorded = session.getMetadata().getCustomMetadata().get("classes");
            return recorded == null
                    ? List.of()
                    : JsonMapper.shared()
                            .readTree(recorded)
                            .valueStream()
                            .map(JsonNode::asString)
                            .toList();
        } catch (OrtException | JacksonException e) {
            throw new DataException("the model's metadata cannot be read: " + e.getMessage(), e);
        }
    }

    /** Scores of every row, one after the other: rows times classes. */
    public float[] scores(float[] features, int rows) {
        int width = features.length / Math.max(1, rows);
        float[] all = new float[0];
        for (int from = 0; from < rows; from += CHUNK) {
            int count = Math.min(CHUNK, rows - from);
            var values = FloatBuffer.wrap(features, from * width, count * width);
            try (var tensor = OnnxTensor.createTensor(environment, values.slice(), shape(count, width));
                    var result = session.run(Map.of(input, tensor), Set.of(output))) {
                var scores = ((OnnxTensor) result.get(0)).getFloatBuffer();
                if (from == 0) {
                    all = new float[scores.remaining() / count * rows];
                }
                scores.get(all, from * (all.length / rows), scores.remaining());
            } catch (OrtException e) {
                throw new DataException("ONNX Runtime: " + e.getMessage(), e);
            }
        }
        return all;
    }

    /** The model's own shape with the batch filled in; a row of as many values as the rest of it holds fits. */
    private long[] shape(int rows, int width) {
        long[] shape = inputShape.clone();
        if (shape.length == 0) {
            throw new DataException("input '" + input + "' is a single value");
        }
        shape[0] = rows;
        long product = 1;
        for (int i = 1; i < shape.length; i++) {
            product *= shape[i];
        }
        if (product != width) {
            throw new DataException("the data have " + width + " values a row, the model's input '" + input
                    + "' has shape " + Arrays.toString(inputShape));
        }
        return shape;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
