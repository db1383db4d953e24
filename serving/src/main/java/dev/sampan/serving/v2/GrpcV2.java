package dev.sampan.serving.v2;

import dev.sampan.serving.config.ModelAdmin;
import dev.sampan.serving.grpc.AsyncMethod;
import dev.sampan.serving.grpc.Calls;
import dev.sampan.serving.grpc.Reply;
import dev.sampan.serving.grpc.Services;
import dev.sampan.serving.inference.AsyncPredictor;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.v2.proto.GRPCInferenceServiceGrpc;
import dev.sampan.serving.v2.proto.ModelConfigRequest;
import dev.sampan.serving.v2.proto.ModelConfigResponse;
import dev.sampan.serving.v2.proto.ModelMetadataRequest;
import dev.sampan.serving.v2.proto.ModelMetadataResponse;
import dev.sampan.serving.v2.proto.ModelReadyRequest;
import dev.sampan.serving.v2.proto.ModelReadyResponse;
import dev.sampan.serving.v2.proto.ModelStatisticsRequest;
import dev.sampan.serving.v2.proto.ModelStatisticsResponse;
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
import dev.sampan.serving.wire.ProtoReader;
import dev.sampan.serving.wire.WireMessage;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.function.BooleanSupplier;

/** {@code inference.GRPCInferenceService}. */
public final class GrpcV2 extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private final InferenceService inference;
    private final AsyncPredictor async;
    private final Documents documents;
    private final ModelAdmin admin;
    private final BooleanSupplier ready;

    /**
     * @param async runs ModelInfer
     * @param predictor runs requests of a stream
     * @param maxBatchRows largest batch; 0 if requests are not batched
     * @param ready whether new clients are welcome
     */
    public GrpcV2(
            ServableManager manager,
            AsyncPredictor async,
            Predictor predictor,
            BufferPool buffers,
            ServingMetrics metrics,
            ModelAdmin admin,
            int maxBatchRows,
            BooleanSupplier ready) {
        this.async = async;
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

    /** The service, with ModelInfer as an asynchronous method, and tensors read from and written to the wire. */
    public ServerServiceDefinition service() {
        var unary = Services.replace(
                bindService(),
                AsyncMethod.of(GRPCInferenceServiceGrpc.getModelInferMethod(), this::read, this::modelInfer));
        var stream = AsyncMethod.descriptor(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), this::read);
        return Services.replace(
                unary, ServerMethodDefinition.create(stream, ServerCalls.asyncBidiStreamingCall(this::stream)));
    }

    private InferMessage read(ProtoReader in) {
        return InferMessage.read(in, inference.scope(BufferScope.NO_DEADLINE, BufferScope.USUAL_PRIORITY));
    }

    private void modelInfer(InferMessage request, Reply reply) {
        reply.listener((code, nanos) -> inference.count(request.model(), "GRPC", code, nanos));
        async.start(new InferJob(request, reply));
    }

    private StreamObserver<InferMessage> stream(StreamObserver<WireMessage> observer) {
        var stream = new InferStream(inference, (ServerCallStreamObserver<WireMessage>) observer);
        stream.open();
        return stream;
    }
}
