package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.sampan.models.onnx.Onnx;
import dev.sampan.serving.v2.proto.GRPCInferenceServiceGrpc;
import dev.sampan.serving.v2.proto.InferParameter;
import dev.sampan.serving.v2.proto.InferTensorContents;
import dev.sampan.serving.v2.proto.ModelConfigRequest;
import dev.sampan.serving.v2.proto.ModelInferRequest;
import dev.sampan.serving.v2.proto.ModelInferRequest.InferInputTensor;
import dev.sampan.serving.v2.proto.ModelMetadataRequest;
import dev.sampan.serving.v2.proto.ModelReadyRequest;
import dev.sampan.serving.v2.proto.ModelStatisticsRequest;
import dev.sampan.serving.v2.proto.ModelStreamInferResponse;
import dev.sampan.serving.v2.proto.RepositoryIndexRequest;
import dev.sampan.serving.v2.proto.RepositoryModelLoadRequest;
import dev.sampan.serving.v2.proto.RepositoryModelUnloadRequest;
import dev.sampan.serving.v2.proto.ServerLiveRequest;
import dev.sampan.serving.v2.proto.ServerMetadataRequest;
import dev.sampan.serving.v2.proto.ServerReadyRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Open Inference Protocol over gRPC. */
class V2GrpcTest {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private ManagedChannel channel;

    @SuppressWarnings("NullAway.Init")
    private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        TestModels.classifier(folder.resolve("m"), 3);
        for (var type : List.of(
                Onnx.TensorProto.DataType.INT64,
                Onnx.TensorProto.DataType.STRING,
                Onnx.TensorProto.DataType.UINT8,
                Onnx.TensorProto.DataType.BOOL,
                Onnx.TensorProto.DataType.FLOAT16)) {
            TestModels.write(folder.resolve(type.name()), 1, TestModels.identity(type, 1));
        }
        server = new ModelServer(
                        TestServers.options(folder, List.of("m", "INT64", "STRING", "UINT8", "BOOL", "FLOAT16")))
                .start();
        channel = NettyChannelBuilder.forTarget(server.grpcTarget())
                .usePlaintext()
                .build();
        stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    @Test
    void serverAndModels() {
        assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
                .isTrue();
        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                .isTrue();
        assertThat(stub.serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getExtensionsList())
                .contains("statistics");
        assertThat(ready("m")).isTrue();
        assertThat(ready("none")).isFalse();
        var metadata = stub.modelMetadata(
                ModelMetadataRequest.newBuilder().setName("m").build());
        assertThat(metadata.getVersionsList()).containsExactly("3");
        assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, 4L);
        var config = stub.modelConfig(
                        ModelConfigRequest.newBuilder().setName("m").build())
                .getConfig();
        assertThat(config.getBackend()).isEqualTo("onnxruntime");
        assertThat(config.getInput(0).getDimsList()).containsExactly(4L);
    }

    private boolean ready(String model) {
        return stub.modelReady(ModelReadyRequest.newBuilder().setName(model).build())
                .getReady();
    }

    @Test
    void inferWithContentsAndWithRawBytes() {
        var request = floats(1, 2, 3, 4).setId("x");
        var answer = stub.modelInfer(request.build());
        assertThat(answer.getId()).isEqualTo("x");
        assertThat(answer.getModelVersion()).isEqualTo("3");
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(1L, 10L);
        assertThat(answer.getOutputs(0).getContents().getFp32Contents(3)).isEqualTo(1f);

        var bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(1).putFloat(2).putFloat(3).putFloat(4).flip();
        request.getInputsBuilder(0).clearContents();
        request.addRawInputContents(ByteString.copyFrom(bytes));
        var raw = stub.modelInfer(request.build());
        assertThat(raw.getOutputs(0).hasContents()).isFalse();
        assertThat(raw.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat(12))
                .isEqualTo(1f);

        request.clearRawInputContents().getInputsBuilder(0).setContents(floatContents(1, 2, 3, 4));
        request.addOutputsBuilder()
                .setName("probabilities")
                .putParameters(
                        "classification",
                        InferParameter.newBuilder().setInt64Param(2).build());
        assertThat(stub.modelInfer(request.build())
                        .getOutputs(0)
                        .getContents()
                        .getBytesContents(0)
                        .toStringUtf8())
                .isEqualTo("1.0:3:class-3");
    }

    @Test
    void everyTypeComesBackAsItWent() {
        var longs = InferTensorContents.newBuilder()
                .addInt64Contents(Long.MIN_VALUE)
                .addInt64Contents(7);
        assertThat(echo("INT64", "INT64", longs)).isEqualTo(longs.build());
        var texts = InferTensorContents.newBuilder()
                .addBytesContents(ByteString.copyFromUtf8("grüß"))
                .addBytesContents(ByteString.EMPTY);
        assertThat(echo("STRING", "BYTES", texts)).isEqualTo(texts.build());
        var bytes = InferTensorContents.newBuilder().addUintContents(255).addUintContents(0);
        assertThat(echo("UINT8", "UINT8", bytes)).isEqualTo(bytes.build());
        var flags = InferTensorContents.newBuilder().addBoolContents(true).addBoolContents(false);
        assertThat(echo("BOOL", "BOOL", flags)).isEqualTo(flags.build());
        var halves = ByteString.copyFrom(new byte[] {0, 62, 0, (byte) 192});
        var half = stub.modelInfer(ModelInferRequest.newBuilder()
                .setModelName("FLOAT16")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP16")
                        .addShape(2))
                .addRawInputContents(halves)
                .build());
        assertThat(half.getRawOutputContents(0)).isEqualTo(halves);
    }

    private InferTensorContents echo(String model, String datatype, InferTensorContents.Builder contents) {
        return stub.modelInfer(ModelInferRequest.newBuilder()
                        .setModelName(model)
                        .addInputs(InferInputTensor.newBuilder()
                                .setName("x")
                                .setDatatype(datatype)
                                .addShape(2)
                                .setContents(contents))
                        .build())
                .getOutputs(0)
                .getContents();
    }

    @Test
    void aStreamAnswersInOrderAndOutlivesAWrongRequest() throws Exception {
        var answers = new CopyOnWriteArrayList<ModelStreamInferResponse>();
        var done = new CountDownLatch(1);
        var stream = GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(new StreamObserver<>() {
            @Override
            public void onNext(ModelStreamInferResponse answer) {
                answers.add(answer);
            }

            @Override
            public void onError(Throwable cause) {
                done.countDown();
            }

            @Override
            public void onCompleted() {
                done.countDown();
            }
        });
        for (int i = 0; i < 50; i++) {
            stream.onNext(floats(1, 2, 3, 4).setId("r" + i).build());
        }
        stream.onNext(floats(1, 2, 3).setId("wrong").build());
        stream.onNext(floats(1, 2, 3, 4).setId("last").build());
        stream.onCompleted();
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(answers).hasSize(52);
        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i).getInferResponse().getId()).isEqualTo("r" + i);
        }
        assertThat(answers.get(50).getErrorMessage()).contains("has shape [1,3]");
        assertThat(answers.get(51).getInferResponse().getOutputsCount()).isEqualTo(1);
    }

    @Test
    void repositoryAndStatistics() {
        stub.modelInfer(floats(1, 2, 3, 4).build());
        var stats = stub.modelStatistics(
                        ModelStatisticsRequest.newBuilder().setName("m").build())
                .getModelStats(0);
        assertThat(stats.getInferenceCount()).isEqualTo(1);
        assertThat(stats.getInferenceStats().getSuccess().getCount()).isEqualTo(1);
        var unused = stub.repositoryModelUnload(
                RepositoryModelUnloadRequest.newBuilder().setModelName("m").build());
        assertThat(ready("m")).isFalse();
        assertThat(stub.repositoryIndex(RepositoryIndexRequest.newBuilder()
                                .setReady(true)
                                .build())
                        .getModelsCount())
                .isEqualTo(5);
        var loaded = stub.repositoryModelLoad(
                RepositoryModelLoadRequest.newBuilder().setModelName("m").build());
        assertThat(loaded).isNotNull();
        assertThat(ready("m")).isTrue();
    }

    @Test
    void deadlinePriorityAndExplanation() {
        var late = floats(1, 2, 3, 4)
                .putParameters(
                        "timeout", InferParameter.newBuilder().setInt64Param(1).build())
                .putParameters(
                        "priority",
                        InferParameter.newBuilder().setUint64Param(1).build());
        fails(Status.Code.DEADLINE_EXCEEDED, "deadline passed", late.build());

        var wishes = new Metadata();
        wishes.put(Metadata.Key.of("explain", Metadata.ASCII_STRING_MARSHALLER), "1");
        var trailers = new AtomicReference<Metadata>();
        var explained = stub.withInterceptors(
                        MetadataUtils.newAttachHeadersInterceptor(wishes),
                        MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
                .modelInfer(floats(1, 2, 3, 4).build());
        assertThat(explained.getOutputsCount()).isEqualTo(1);
        assertThat(Objects.requireNonNull(trailers.get())
                        .get(Metadata.Key.of("server-timing", Metadata.ASCII_STRING_MARSHALLER)))
                .contains("infer;dur=", "batch;desc=\"1 rows\"");
    }

    @Test
    void wrongRequests() {
        fails(
                Status.Code.NOT_FOUND,
                "Latest(none)",
                floats(1).setModelName("none").build());
        fails(Status.Code.INVALID_ARGUMENT, "names no model", ModelInferRequest.getDefaultInstance());
        fails(
                Status.Code.INVALID_ARGUMENT,
                "needs 4 elements, not 1",
                floats(1).setInputs(0, input(4).setContents(floatContents(1))).build());
        fails(
                Status.Code.INVALID_ARGUMENT,
                "1 inputs, but 2 raw_input_contents",
                floats(1)
                        .addRawInputContents(ByteString.EMPTY)
                        .addRawInputContents(ByteString.EMPTY)
                        .build());
        fails(
                Status.Code.INVALID_ARGUMENT,
                "must not be where there are raw_input_contents",
                floats(1).addRawInputContents(ByteString.EMPTY).build());
        fails(
                Status.Code.INVALID_ARGUMENT,
                "needs 16 bytes, not 3",
                ModelInferRequest.newBuilder()
                        .setModelName("m")
                        .addInputs(input(4))
                        .addRawInputContents(ByteString.copyFromUtf8("abc"))
                        .build());
    }

    private void fails(Status.Code code, String message, ModelInferRequest request) {
        assertThatThrownBy(() -> stub.modelInfer(request))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining(message)
                .satisfies(
                        e -> assertThat(((StatusRuntimeException) e).getStatus().getCode())
                                .isEqualTo(code));
    }

    private static InferInputTensor.Builder input(int columns) {
        return InferInputTensor.newBuilder()
                .setName("inputs")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(columns);
    }

    private static InferTensorContents floatContents(float... values) {
        var contents = InferTensorContents.newBuilder();
        for (float value : values) {
            contents.addFp32Contents(value);
        }
        return contents.build();
    }

    private static ModelInferRequest.Builder floats(float... values) {
        return ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(input(values.length).setContents(floatContents(values)));
    }
}
