package dev.sampan.serving.warmup;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.grpc.TensorProtos;
import dev.sampan.serving.inference.Examples;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.proto.Input;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictionLog;
import dev.sampan.serving.requestlog.TfRecords;
import dev.sampan.serving.rest.PredictRequestReader;
import dev.sampan.serving.servable.WarmUp;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the requests that lie beside a model in {@code assets.extra}: {@code tf_serving_warmup_requests}, records of
 * {@code PredictionLog} as TensorFlow Serving has them, or {@code warmup_requests.jsonl}, a predict request's JSON body a line.
 */
public final class RecordedWarmUp implements WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(RecordedWarmUp.class);
    private static final int MAX_RECORDS = 1000;
    private static final String RECORDS = "assets.extra/tf_serving_warmup_requests";
    private static final String JSON = "assets.extra/warmup_requests.jsonl";

    private final BufferPool buffers;
    private final ServingMetrics metrics;
    private final int iterations;

    /** @param iterations times that each request is run */
    public RecordedWarmUp(BufferPool buffers, ServingMetrics metrics, int iterations) {
        this.buffers = buffers;
        this.metrics = metrics;
        this.iterations = Math.max(1, iterations);
    }

    @Override
    public void warmUp(Path folder, LoadedModel model) throws ModelLoadException {
        long start = System.nanoTime();
        int count = records(folder.resolve(RECORDS), model) + lines(folder.resolve(JSON), model);
        if (count > 0) {
            long nanos = System.nanoTime() - start;
            metrics.warmedUp(count, nanos);
            LOG.info("{} warm-up requests from {} took {} ms", count, folder, nanos / 1_000_000);
        }
    }

    private int records(Path file, LoadedModel model) throws ModelLoadException {
        if (!Files.exists(file)) {
            return 0;
        }
        int done = 0;
        try (var in = Files.newInputStream(file)) {
            for (var record : TfRecords.read(in, MAX_RECORDS)) {
                run(PredictionLog.parseFrom(record), model);
                done++;
            }
            return done;
        } catch (InvalidProtocolBufferException e) {
            throw new ModelLoadException("warm-up record " + done + " of " + file + " is no PredictionLog", e);
        } catch (IOException | ServingException e) {
            throw new ModelLoadException("warm-up record " + done + " of " + file + ": " + e.getMessage(), e);
        }
    }

    private int lines(Path file, LoadedModel model) throws ModelLoadException {
        if (!Files.exists(file)) {
            return 0;
        }
        int done = 0;
        try {
            for (var line : Files.readAllLines(file)) {
                if (!line.isBlank() && done < MAX_RECORDS) {
                    json(line.getBytes(StandardCharsets.UTF_8), model);
                    done++;
                }
            }
            return done;
        } catch (IOException | ServingException e) {
            throw new ModelLoadException("warm-up request " + done + " of " + file + ": " + e.getMessage(), e);
        }
    }

    private void json(byte[] body, LoadedModel model) {
        try (var scope = buffers.scope()) {
            var request = PredictRequestReader.read(body, body.length, name -> Predictor.signature(model, name), scope);
            run(model, request.signature(), request.inputs(), scope);
        }
    }

    private void run(PredictionLog log, LoadedModel model) {
        switch (log.getLogTypeCase()) {
            case PREDICT_LOG -> predict(log.getPredictLog().getRequest(), model);
            case PREDICT_STREAMED_LOG ->
                log.getPredictStreamedLog().getRequestList().forEach(request -> predict(request, model));
            case CLASSIFY_LOG -> {
                var request = log.getClassifyLog().getRequest();
                examples(request.getModelSpec().getSignatureName(), request.getInput(), model);
            }
            case REGRESS_LOG -> {
                var request = log.getRegressLog().getRequest();
                examples(request.getModelSpec().getSignatureName(), request.getInput(), model);
            }
            case MULTI_INFERENCE_LOG -> {
                var request = log.getMultiInferenceLog().getRequest();
                request.getTasksList()
                        .forEach(task -> examples(task.getModelSpec().getSignatureName(), request.getInput(), model));
            }
            case LOGTYPE_NOT_SET -> throw ServingException.invalid("the record has no request");
        }
    }

    private void predict(PredictRequest request, LoadedModel model) {
        try (var scope = buffers.scope()) {
            var signature = Predictor.signature(model, request.getModelSpec().getSignatureName());
            var inputs = new HashMap<String, Tensor>();
            request.getInputsMap().forEach((name, tensor) -> inputs.put(name, TensorProtos.read(name, tensor, scope)));
            run(model, signature, inputs, scope);
        }
    }

    private void examples(String signatureName, Input input, LoadedModel model) {
        try (var scope = buffers.scope()) {
            var signature = Predictor.signature(model, signatureName);
            run(model, signature, new Examples(input).tensors(signature, scope), scope);
        }
    }

    private void run(LoadedModel model, Signature signature, Map<String, Tensor> inputs, BufferScope scope) {
        Predictor.check(signature, inputs);
        var outputs = signature.outputs().stream().map(TensorSpec::name).toList();
        for (int i = 0; i < iterations; i++) {
            model.run(signature, inputs, outputs, scope);
        }
    }
}
