package dev.sampan.serving.v2;

import dev.sampan.serving.config.ModelAdmin;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.grpc.Calls;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.v2.proto.GRPCInferenceServiceGrpc;
import dev.sampan.serving.v2.proto.ModelConfigRequest;
import dev.sampan.serving.v2.proto.ModelConfigResponse;
import dev.sampan.serving.v2.proto.ModelInferRequest;
import dev.sampan.serving.v2.proto.ModelInferResponse;
import dev.sampan.serving.v2.proto.ModelMetadataRequest;
import dev.sampan.serving.v2.proto.ModelMetadataResponse;
import dev.sampan.serving.v2.proto.ModelReadyRequest;
import dev.sampan.serving.v2.proto.ModelReadyResponse;
import dev.sampan.serving.v2.proto.ModelStatisticsRequest;
import dev.sampan.serving.v2.proto.ModelStatisticsResponse;
import dev.sampan.serving.v2.proto.ModelStreamInferResponse;
import dev.sampan.serving.v2.proto.RepositoryIndexRequest;
import dev.sampan.serving.v2.proto.RepositoryIndexResponse;
import dev.sampan.serving.v2.proto.RepositoryModelLoadRequest;
import dev.sampan.serving.v2.proto.RepositoryModelLoadResponse;
import dev.sampan.serving.v2.proto.RepositoryModelUnloadRequest;
import dev.sampan.serving.v2.proto.RepositoryModelUnloadResponse;
import dev.sampan.serving.v2.proto.ServerLiveRequest;
import dev.sampan.serving.v2.proto.ServerLiveResponse;
import dev.sampan.serving.v2.proto.ServerMetadataRequest;
import dev.sampan.serving.v2.proto.ServerMetadataResponse;
import dev.sampan.serving.v2.proto.ServerReadyRequest;
import dev.sampan.serving.v2.proto.ServerReadyResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.function.BooleanSupplier;

/** {@code inference.GRPCInferenceService}. */
public final class GrpcV2 extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private final InferenceService inference;
    private final Documents documents;
    private final ModelAdmin admin;
    private final BooleanSupplier ready;

    /**
     * @param maxBatchRows largest batch; 0 if requests are not batched
     * @param ready whether new clients are welcome
     */
    public GrpcV2(
            ServableManager manager,
            Predictor predictor,
            BufferPool buffers,
            ServingMetrics metrics,
            ModelAdmin admin,
            int maxBatchRows,
            BooleanSupplier ready) {
        this.inference = new InferenceService(manager, predictor, buffers, metrics);
        this.documents = new Documents(manager, metrics, maxBatchRows);
        this.admin = admin;
        this.ready = ready;
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
        Calls.answer(
                observer, () -> ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
        Calls.answer(
                observer,
                () -> ServerReadyResponse.newBuilder()
                        .setReady(ready.getAsBoolean())
                        .build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
        Calls.answer(
                observer,
                () -> ModelReadyResponse.newBuilder()
                        .setReady(documents.ready(request.getName(), request.getVersion()))
                        .build());
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
        Calls.answer(observer, Documents::server);
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
        Calls.answer(observer, () -> documents.model(request.getName(), request.getVersion()));
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
        Calls.answer(
                observer,
                () -> ModelConfigResponse.newBuilder()
                        .setConfig(documents.config(request.getName(), request.getVersion()))
                        .build());
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
        Calls.answer(observer, () -> documents.statistics(request.getName(), request.getVersion()));
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
        Calls.answer(observer, () -> documents.index(request.getReady()));
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
        Calls.answer(observer, () -> {
            var names = new HashMap<String, Object>();
            request.getParametersMap().keySet().forEach(name -> names.put(name, true));
            Repository.load(admin, request.getModelName(), new Parameters(names));
            return RepositoryModelLoadResponse.getDefaultInstance();
        });
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> observer) {
        Calls.answer(observer, () -> {
            admin.unload(request.getModelName());
            return RepositoryModelUnloadResponse.getDefaultInstance();
        });
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
        Calls.answer(
                observer,
                () -> infer(request),
                (code, nanos) -> inference.count(request.getModelName(), "GRPC", code, nanos));
    }

    private ModelInferResponse infer(ModelInferRequest message) {
        try (var scope = inference.scope(Calls.deadlineNanos(), Calls.priority())) {
            long start = System.nanoTime();
            var request = InferMessages.read(message, scope);
            scope.timings().read(System.nanoTime() - start);
            var response = inference.infer(request, scope);
            long ran = System.nanoTime();
            var answer = InferMessages.write(response, message.getRawInputContentsCount() > 0);
            scope.timings().wrote(System.nanoTime() - ran);
            Calls.explain(scope.timings());
            return answer;
        }
    }

    /**
     * Answers the requests of a stream in their order. A request that fails is answered with its error and the stream goes on.
     * The next one is read only when the client has taken the answers so far.
     */
    @Override
    public StreamObserver<ModelInferRequest> modelStreamInfer(StreamObserver<ModelStreamInferResponse> observer) {
        var call = (ServerCallStreamObserver<ModelStreamInferResponse>) observer;
        call.disableAutoRequest();
        var stream = new InferStream(call);
        call.setOnReadyHandler(stream::next);
        return stream;
    }

    /** One stream; its methods are called one after the other. */
    private final class InferStream implements StreamObserver<ModelInferRequest> {
        private final ServerCallStreamObserver<ModelStreamInferResponse> call;
        /** Whether a request has been asked for and not come. */
        private boolean asked;

        InferStream(ServerCallStreamObserver<ModelStreamInferResponse> call) {
            this.call = call;
        }

        void next() {
            if (!asked && call.isReady()) {
                asked = true;
                call.request(1);
            }
        }

        @Override
        public void onNext(ModelInferRequest request) {
            asked = false;
            long start = System.nanoTime();
            var code = Code.OK;
            var answer = ModelStreamInferResponse.newBuilder();
            try {
                answer.setInferResponse(infer(request));
            } catch (ServingException e) {
                code = e.code();
                answer.setErrorMessage(String.valueOf(e.getMessage()));
                answer.getInferResponseBuilder().setId(request.getId());
            }
            inference.count(request.getModelName(), "GRPC", code, System.nanoTime() - start);
            call.onNext(answer.build());
            next();
        }

        @Override
        public void onError(Throwable cause) {
            // The client is gone; there is nobody to answer.
        }

        @Override
        public void onCompleted() {
            call.onCompleted();
        }
    }
}
