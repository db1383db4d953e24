package dev.sampan.serving.v2;

import dev.sampan.serving.http.HttpAnswer;
import dev.sampan.serving.json.JsonWriter;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** Writes the answer to an inference request: JSON, and after it the bytes of those outputs that are wanted so. */
final class InferResponseWriter {
    private InferResponseWriter() {}

    static HttpAnswer write(InferenceService.Request request, InferenceService.Response response) {
        boolean usually = request.parameters().flag("binary_data_output");
        var wishes = new HashMap<String, Boolean>();
        request.outputs()
                .forEach(output -> wishes.put(output.name(), output.binary() == null ? usually : output.binary()));
        var out = new JsonWriter()
                .raw("{\"model_name\":")
                .string(response.model())
                .raw(",\"model_version\":")
                .string(response.version());
        if (!response.id().isEmpty()) {
            out.raw(",\"id\":").string(response.id());
        }
        out.raw(",\"outputs\":[");
        var binary = new ArrayList<Tensor>();
        boolean first = true;
        for (var output : response.outputs().entrySet()) {
            out.raw(first ? "" : ",");
            first = false;
            var tensor = output.getValue();
            boolean asBytes = wishes.getOrDefault(output.getKey(), usually);
            head(output.getKey(), tensor, out);
            if (asBytes) {
                out.raw(",\"parameters\":{\"binary_data_size\":")
                        .whole(RawTensors.size(tensor))
                        .raw("}}");
                binary.add(tensor);
            } else {
                out.raw(",\"data\":").flat(tensor).put('}');
            }
        }
        var json = out.raw("]}").content();
        return binary.isEmpty() ? HttpAnswer.json(json) : withBytes(json, binary);
    }

    private static void head(String name, Tensor tensor, JsonWriter out) {
        out.raw("{\"name\":").string(name);
        out.raw(",\"datatype\":").string(tensor.dtype().v2Name()).raw(",\"shape\":[");
        long[] shape = tensor.shape();
        for (int i = 0; i < shape.length; i++) {
            out.raw(i == 0 ? "" : ",").whole(shape[i]);
        }
        out.put(']');
    }

    private static HttpAnswer withBytes(ByteBuffer json, List<Tensor> tensors) {
        int jsonLength = json.remaining();
        int length = jsonLength;
        for (var tensor : tensors) {
            length = Math.addExact(length, RawTensors.size(tensor));
        }
        var body = ByteBuffer.allocate(length).put(json);
        tensors.forEach(tensor -> RawTensors.write(tensor, body));
        return RestV2.binary(body.flip(), jsonLength);
    }
}
