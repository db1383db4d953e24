package dev.sampan.serving.requestlog;

import com.google.protobuf.Int64Value;
import dev.sampan.serving.grpc.TensorProtos;
import dev.sampan.serving.json.JsonWriter;
import dev.sampan.serving.proto.LogMetadata;
import dev.sampan.serving.proto.ModelSpec;
import dev.sampan.serving.proto.PredictLog;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictResponse;
import dev.sampan.serving.proto.PredictionLog;
import dev.sampan.serving.proto.SamplingConfig;
import dev.sampan.serving.tensor.Tensor;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** One recorded request, in either form. */
record LogEntry(String model, long version, String signature, double rate, Instant time) {

    /** As TensorFlow Serving logs it, and as its warm-up reads it. */
    PredictionLog message(Map<String, Tensor> inputs, List<String> filter, Map<String, Tensor> outputs) {
        var spec = ModelSpec.newBuilder()
                .setName(model)
                .setVersion(Int64Value.of(version))
                .setSignatureName(signature)
                .build();
        var request = PredictRequest.newBuilder().setModelSpec(spec).addAllOutputFilter(filter);
        inputs.forEach((name, tensor) -> request.putInputs(name, TensorProtos.write(tensor, true)));
        var response = PredictResponse.newBuilder().setModelSpec(spec);
        outputs.forEach((name, tensor) -> response.putOutputs(name, TensorProtos.write(tensor, true)));
        return PredictionLog.newBuilder()
                .setLogMetadata(LogMetadata.newBuilder()
                        .setModelSpec(spec)
                        .setSamplingConfig(SamplingConfig.newBuilder().setSamplingRate(rate))
                        .setTimestampSecs(time.getEpochSecond()))
                .setPredictLog(PredictLog.newBuilder().setRequest(request).setResponse(response))
                .build();
    }

    /** A line of JSON. */
    byte[] json(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        var out = new JsonWriter()
                .raw("{\"time\":")
                .string(time.toString())
                .raw(",\"model\":")
                .string(model)
                .raw(",\"version\":")
                .whole(version)
                .raw(",\"signature_name\":")
                .string(signature);
        tensors(out.raw(",\"inputs\":{"), inputs);
        tensors(out.raw("},\"outputs\":{"), outputs);
        var text = out.raw("}}\n").content();
        return Arrays.copyOf(text.array(), text.limit());
    }

    private static void tensors(JsonWriter out, Map<String, Tensor> tensors) {
        boolean first = true;
        for (var tensor : tensors.entrySet()) {
            out.raw(first ? "" : ",").string(tensor.getKey()).put(':');
            out.values(tensor.getKey(), tensor.getValue(), 0, 0);
            first = false;
        }
    }
}
