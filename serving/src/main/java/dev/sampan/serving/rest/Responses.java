package dev.sampan.serving.rest;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.json.JsonWriter;
import dev.sampan.serving.proto.ClassificationResult;
import dev.sampan.serving.proto.RegressionResult;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;

/** The bodies of answers, as TensorFlow Serving lays them out. */
final class Responses {
    private Responses() {}

    /** Row format: one element for each index of the first dimension; an object where there are several outputs. */
    static ByteBuffer predictions(Map<String, Tensor> outputs) {
        var out = new JsonWriter();
        long batch = -1;
        for (var output : outputs.entrySet()) {
            long[] shape = output.getValue().shape();
            if (shape.length == 0) {
                throw ServingException.invalid("Tensor name: " + output.getKey() + " has no shape information ");
            }
            if (batch >= 0 && batch != shape[0]) {
                throw ServingException.invalid("Tensor name: " + output.getKey() + " has inconsistent batch size: "
                        + shape[0] + " expecting: " + batch);
            }
            batch = shape[0];
        }
        out.raw("{\n    \"predictions\": [");
        boolean objects = outputs.size() > 1;
        for (int row = 0; row < batch; row++) {
            out.raw(row == 0 ? "" : ", ");
            out.raw(objects ? "{" : "");
            boolean first = true;
            for (var output : outputs.entrySet()) {
                if (objects) {
                    out.raw(first ? "" : ", ").string(output.getKey());
                    out.raw(": ");
                }
                first = false;
                var tensor = output.getValue();
                int elements = Math.toIntExact(Tensor.elements(tensor.shape()) / batch);
                out.values(output.getKey(), tensor, 1, row * elements);
            }
            out.raw(objects ? "}" : "");
        }
        return out.raw("\n    ]\n}").content();
    }

    /** Column format: whole tensors; an object where there are several outputs. */
    static ByteBuffer outputs(Map<String, Tensor> outputs) {
        var out = new JsonWriter();
        out.raw("{\n    \"outputs\": ");
        boolean object = outputs.size() > 1;
        out.raw(object ? "{" : "");
        boolean first = true;
        for (var output : outputs.entrySet()) {
            if (object) {
                out.raw(first ? "" : ", ").string(output.getKey());
                out.raw(": ");
            }
            first = false;
            out.values(output.getKey(), output.getValue(), 0, 0);
        }
        return out.raw(object ? "}\n}" : "\n}").content();
    }

    /** Labels with scores of each example. */
    static ByteBuffer results(ClassificationResult result) {
        var out = new JsonWriter();
        out.raw("{\n    \"results\": [");
        boolean firstRow = true;
        for (var row : result.getClassificationsList()) {
            out.raw(firstRow ? "[" : ", [");
            firstRow = false;
            boolean first = true;
            for (var item : row.getClassesList()) {
                out.raw(first ? "[" : ", [").string(item.getLabel());
                out.raw(", ").decimal(item.getScore());
                out.put(']');
                first = false;
            }
            out.put(']');
        }
        return out.raw("\n    ]\n}").content();
    }

    /** The value of each example. */
    static ByteBuffer results(RegressionResult result) {
        var out = new JsonWriter();
        out.raw("{\n    \"results\": [");
        boolean first = true;
        for (var regression : result.getRegressionsList()) {
            out.raw(first ? "" : ", ").decimal(regression.getValue());
            first = false;
        }
        return out.raw("\n    ]\n}").content();
    }
}
