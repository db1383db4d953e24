package dev.sampan.serving.grpc;

import com.google.protobuf.Any;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.inference.AsyncPredictor;
import dev.sampan.serving.inference.Classifier;
import dev.sampan.serving.inference.Examples;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.proto.ClassificationRequest;
import dev.sampan.serving.proto.ClassificationResponse;
import dev.sampan.serving.proto.GetModelMetadataRequest;
import dev.sampan.serving.proto.GetModelMetadataResponse;
import dev.sampan.serving.proto.InferenceResult;
import dev.sampan.serving.proto.InferenceTask;
import dev.sampan.serving.proto.MultiInferenceRequest;
import dev.sampan.serving.proto.MultiInferenceResponse;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.proto.RegressionRequest;
import dev.sampan.serving.proto.RegressionResponse;
import dev.sampan.serving.proto.SignatureDefMap;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** {@code tensorflow.serving.PredictionService}. */
public final class PredictionCalls extends PredictionServiceGrpc.PredictionServiceImplBase {
    private static final String SIGNATURE_DEF = "signature_def";

    private final ServableManager manager;
    private final AsyncPredictor async;
    private final Classifier classifier;
    private final BufferPool buffers;
    private final ServingMetrics metrics;
    private final boolean tensorContent;

    /**
     * @param async runs Predict
     * @param predictor runs everything else
     * @param tensorContent whether answers carry numbers as {@code tensor_content}
     */
    public PredictionCalls(
            ServableManager manager,
            AsyncPredictor async,
            Predictor predictor,
            BufferPool buffers,
            ServingMetrics metrics,
            boolean tensorContent) {
        this.metrics = metrics;
        this.manager = manager;
        this.async = async;
        this.classifier = new Classifier(predictor);
        this.buffers = buffers;
        this.tensorContent = tensorContent;
    }

    /** The service, with Predict as an asynchronous method. */
    public ServerServiceDefinition service() {
        return Services.replace(
                bindService(),
                AsyncMethod.of(
                        PredictionServiceGrpc.getPredictMethod(),
                        in -> PredictMessage.read(in, buffers.scope()),
                        this::predict));
    }

    private void predict(PredictMessage request, Reply reply) {
        if (manager.knows(request.model())) {
            reply.listener((code, nanos) -> metrics.request(request.model(), "Predict", "GRPC", code, nanos));
        }
        async.start(new PredictJob(request, reply, tensorContent));
    }

    private <T> void answer(
            String api, dev.sampan.serving.proto.ModelSpec spec, StreamObserver<T> observer, Supplier<T> call) {
        Calls.answer(observer, call, (code, nanos) -> {
            if (manager.knows(spec.getName())) {
                metrics.request(spec.getName(), api, "GRPC", code, nanos);
            }
        });
    }

    /** Buffers for a call, until the client's deadline. */
    private BufferScope scope() {
        return buffers.scope(Calls.deadlineNanos(), Calls.priority());
    }

    @Override
    public void classify(ClassificationRequest request, StreamObserver<ClassificationResponse> observer) {
        answer("Classify", request.getModelSpec(), observer, () -> {
            var spec = request.getModelSpec();
            try (var handle = manager.acquire(Specs.read(spec));
                    var scope = scope()) {
                var signature = Predictor.signature(handle.model(), spec.getSignatureName());
                return ClassificationResponse.newBuilder()
                        .setModelSpec(Specs.write(handle, signature.name()))
                        .setResult(classifier.classify(handle, signature, new Examples(request.getInput()), scope))
                        .build();
            }
        });
    }

    @Override
    public void regress(RegressionRequest request, StreamObserver<RegressionResponse> observer) {
        answer("Regress", request.getModelSpec(), observer, () -> {
            var spec = request.getModelSpec();
            try (var handle = manager.acquire(Specs.read(spec));
                    var scope = scope()) {
                var signature = Predictor.signature(handle.model(), spec.getSignatureName());
                return RegressionResponse.newBuilder()
                        .setModelSpec(Specs.write(handle, signature.name()))
                        .setResult(classifier.regress(handle, signature, new Examples(request.getInput()), scope))
                        .build();
            }
        });
    }

    @Override
    public void multiInference(MultiInferenceRequest request, StreamObserver<MultiInferenceResponse> observer) {
        Calls.answer(observer, () -> {
            var tasks = request.getTasksList();
            if (tasks.isEmpty()) {
                throw ServingException.invalid("Inference request must have at least one task.");
            }
            if (tasks.stream()
                            .map(task -> task.getModelSpec().getName())
                            .distinct()
                            .count()
                    > 1) {
                throw ServingException.invalid(
                        "All ModelSpecs in a MultiInferenceRequest must access the same model name.");
            }
            var examples = new Examples(request.getInput());
            var response = MultiInferenceResponse.newBuilder();
            tasks.forEach(task -> response.addResults(infer(task, examples)));
            return response.build();
        });
    }

    private InferenceResult infer(InferenceTask task, Examples examples) {
        var spec = task.getModelSpec();
        try (var handle = manager.acquire(Specs.read(spec));
                var scope = scope()) {
            var signature = Predictor.signature(handle.model(), spec.getSignatureName());
            var result = InferenceResult.newBuilder().setModelSpec(Specs.write(handle, signature.name()));
            return switch (task.getMethodName()) {
                case Signature.CLASSIFY ->
                    result.setClassificationResult(classifier.classify(handle, signature, examples, scope))
                            .build();
                case Signature.REGRESS ->
                    result.setRegressionResult(classifier.regress(handle, signature, examples, scope))
                            .build();
                default -> throw ServingException.invalid("Unsupported signature method_name: " + task.getMethodName());
            };
        }
    }

    @Override
    public void getModelMetadata(GetModelMetadataRequest request, StreamObserver<GetModelMetadataResponse> observer) {
        Calls.answer(observer, () -> {
            if (request.getMetadataFieldCount() == 0) {
                throw ServingException.invalid("GetModelMetadataRequest must specify at least one metadata_field");
            }
            for (var field : request.getMetadataFieldList()) {
                if (!field.equals(SIGNATURE_DEF)) {
                    throw ServingException.invalid("Metadata field " + field + " is not supported");
                }
            }
            try (var handle = manager.acquire(Specs.read(request.getModelSpec()))) {
                var signatures = SignatureDefMap.newBuilder();
                handle.model()
                        .signatures()
                        .forEach((name, signature) -> signatures.putSignatureDef(name, Specs.write(signature)));
                return GetModelMetadataResponse.newBuilder()
                        .setModelSpec(Specs.write(handle, ""))
                        .putMetadata(SIGNATURE_DEF, Any.pack(signatures.build()))
                        .build();
            }
        });
    }
}
