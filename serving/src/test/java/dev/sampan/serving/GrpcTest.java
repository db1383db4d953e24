package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import dev.sampan.models.onnx.Onnx;
import dev.sampan.serving.proto.ClassificationRequest;
import dev.sampan.serving.proto.DataType;
import dev.sampan.serving.proto.Example;
import dev.sampan.serving.proto.ExampleList;
import dev.sampan.serving.proto.Feature;
import dev.sampan.serving.proto.Features;
import dev.sampan.serving.proto.FloatList;
import dev.sampan.serving.proto.GetModelMetadataRequest;
import dev.sampan.serving.proto.GetModelStatusRequest;
import dev.sampan.serving.proto.InferenceTask;
import dev.sampan.serving.proto.Input;
import dev.sampan.serving.proto.ModelConfigList;
import dev.sampan.serving.proto.ModelServerConfig;
import dev.sampan.serving.proto.ModelServiceGrpc;
import dev.sampan.serving.proto.ModelSpec;
import dev.sampan.serving.proto.ModelVersionStatus.State;
import dev.sampan.serving.proto.MultiInferenceRequest;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.proto.ReloadConfigRequest;
import dev.sampan.serving.proto.SignatureDefMap;
import dev.sampan.serving.proto.TensorProto;
import dev.sampan.serving.proto.TensorShapeProto;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TensorFlow Serving's gRPC services through generated stubs. */
class GrpcTest {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private ManagedChannel channel;

    @SuppressWarnings("NullAway.Init")
    private PredictionServiceGrpc.PredictionServiceBlockingStub predictions;

    @BeforeEach
    void start() throws Exception {
        TestModels.classifier(folder.resolve("m"), 3);
        TestModels.write(folder.resolve("sum"), 1, TestModels.sumAndProduct());
        for (var type : List.of(
                Onnx.TensorProto.DataType.INT64,
                Onnx.TensorProto.DataType.STRING,
                Onnx.TensorProto.DataType.DOUBLE,
                Onnx.TensorProto.DataType.BOOL)) {
            TestModels.write(folder.resolve(type.name()), 1, TestModels.identity(type, 1));
        }
        server = new ModelServer(TestServers.options(folder, List.of("m", "sum", "INT64", "STRING", "DOUBLE", "BOOL")))
                .start();
        channel = NettyChannelBuilder.forTarget(server.grpcTarget())
                .usePlaintext()
                .build();
        predictions = PredictionServiceGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    @Test
    void predictWithValuesAndWithContent() {
        var values = predictions.predict(request("m")
                .putInputs("inputs", floats(2, 4, 1, 2, 3, 4, 5, 6, 7, 8))
                .build());
        assertThat(values.getModelSpec().getVersion().getValue()).isEqualTo(3);
        assertThat(values.getModelSpec().getSignatureName()).isEqualTo("serving_default");
        var output = values.getOutputsOrThrow("probabilities");
        assertThat(output.getDtype()).isEqualTo(DataType.DT_FLOAT);
        assertThat(output.getFloatValCount()).isEqualTo(20);
        assertThat(output.getFloatVal(13)).isEqualTo(1f);

        var bytes = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(4);
        var content = floats(1, 4).toBuilder()
                .setTensorContent(ByteString.copyFrom(bytes.flip()))
                .build();
        assertThat(predictions
                        .predict(request("m").putInputs("inputs", content).build())
                        .getOutputsOrThrow("probabilities")
                        .getFloatVal(3))
                .isEqualTo(1f);
        // A single value stands for all.
        assertThat(predictions
                        .predict(request("m")
                                .putInputs("inputs", floats(1, 4, 7))
                                .build())
                        .getOutputsOrThrow("probabilities")
                        .getFloatVal(3))
                .isEqualTo(1f);
    }

    @Test
    void outputFilterAndTypes() {
        var request = request("sum").putInputs("a", floats(1, 2, 1, 2)).putInputs("b", floats(1, 2, 3, 4));
        assertThat(predictions.predict(request.build()).getOutputsMap().keySet())
                .containsExactlyInAnyOrder("sum", "product");
        var filtered = predictions.predict(request.addOutputFilter("product").build());
        assertThat(filtered.getOutputsMap().keySet()).containsExactly("product");
        assertThat(filtered.getOutputsOrThrow("product").getFloatValList()).containsExactly(3f, 8f);
        assertThatThrownBy(
                        () -> predictions.predict(request.addOutputFilter("x").build()))
                .hasMessageContaining("output tensor alias not found in signature: x");

        var longs = tensor(DataType.DT_INT64, 2)
                .addInt64Val(Long.MIN_VALUE)
                .addInt64Val(7)
                .build();
        assertThat(echo("INT64", longs).getInt64ValList()).containsExactly(Long.MIN_VALUE, 7L);
        var texts = tensor(DataType.DT_STRING, 2)
                .addStringVal(ByteString.copyFromUtf8("grüß"))
                .addStringVal(ByteString.EMPTY)
                .build();
        assertThat(echo("STRING", texts)).isEqualTo(texts);
        var doubles = tensor(DataType.DT_DOUBLE, 1).addDoubleVal(1e300).build();
        assertThat(echo("DOUBLE", doubles)).isEqualTo(doubles);
        var flags =
                tensor(DataType.DT_BOOL, 2).addBoolVal(true).addBoolVal(false).build();
        assertThat(echo("BOOL", flags)).isEqualTo(flags);
    }

    @Test
    void classifyRegressAndSeveralAtOnce() {
        var example = Example.newBuilder()
                .setFeatures(Features.newBuilder()
                        .putFeature(
                                "inputs",
                                Feature.newBuilder()
                                        .setFloatList(FloatList.newBuilder().addAllValue(List.of(1f, 2f, 3f, 4f)))
                                        .build()));
        var input = Input.newBuilder().setExampleList(ExampleList.newBuilder().addExamples(example));
        var classes = predictions
                .classify(ClassificationRequest.newBuilder()
                        .setModelSpec(spec("m"))
                        .setInput(input)
                        .build())
                .getResult()
                .getClassifications(0);
        assertThat(classes.getClassesCount()).isEqualTo(10);
        assertThat(classes.getClasses(3).getLabel()).isEqualTo("class-3");
        assertThat(classes.getClasses(3).getScore()).isEqualTo(1f);

        var several = predictions.multiInference(MultiInferenceRequest.newBuilder()
                .setInput(input)
                .addTasks(
                        InferenceTask.newBuilder().setModelSpec(spec("m")).setMethodName("tensorflow/serving/classify"))
                .build());
        assertThat(several.getResults(0).getClassificationResult().getClassificationsCount())
                .isEqualTo(1);
        fails(
                Status.Code.INVALID_ARGUMENT,
                "no float32 output of one value a row",
                () -> predictions.multiInference(MultiInferenceRequest.newBuilder()
                        .setInput(input)
                        .addTasks(InferenceTask.newBuilder()
                                .setModelSpec(spec("m"))
                                .setMethodName("tensorflow/serving/regress"))
                        .build()));
    }

    @Test
    void restClassifyAnswersTheSame() throws Exception {
        try (var client = new RestClient(server.restUri())) {
            var answer = client.post(
                    "/v1/models/m:classify",
                    "{\"context\": {\"inputs\": [1, 2.5, 3, 4]}, \"examples\": [{}, {\"inputs\": [4, 3, 2, 1]}]}");
            assertThat(answer.json().at("/results/0/3/0").asString()).isEqualTo("class-3");
            assertThat(answer.json().at("/results/1/3/1").asDouble()).isEqualTo(1.0);
            assertThat(client.post("/v1/models/m:classify", "{\"examples\": []}")
                            .error())
                    .contains("empty array");
            assertThat(client.post("/v1/models/m:classify", "{\"examples\": [{}]}")
                            .error())
                    .contains("feature 'inputs' is required");
            assertThat(client.post("/v1/models/m:classify", "{\"examples\": [{\"inputs\": [1]}]}")
                            .error())
                    .contains("has 1 values, expected 4");
        }
    }

    @Test
    void metadataStatusAndReload() throws Exception {
        var metadata = predictions.getModelMetadata(GetModelMetadataRequest.newBuilder()
                .setModelSpec(spec("sum"))
                .addMetadataField("signature_def")
                .build());
        var signatures = metadata.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
        assertThat(signatures
                        .getSignatureDefOrThrow("serving_default")
                        .getInputsMap()
                        .keySet())
                .containsExactlyInAnyOrder("a", "b");

        var models = ModelServiceGrpc.newBlockingStub(channel);
        var status = models.getModelStatus(
                GetModelStatusRequest.newBuilder().setModelSpec(spec("m")).build());
        assertThat(status.getModelVersionStatus(0).getState()).isEqualTo(State.AVAILABLE);

        var reload = ReloadConfigRequest.newBuilder()
                .setConfig(ModelServerConfig.newBuilder()
                        .setModelConfigList(ModelConfigList.newBuilder()
                                .addConfig(dev.sampan.serving.proto.ModelConfig.newBuilder()
                                        .setName("again")
                                        .setBasePath(folder.resolve("m").toString())
                                        .putVersionLabels("stable", 3))));
        assertThat(models.handleReloadConfigRequest(reload.build()).getStatus().getErrorCode())
                .isZero();
        var labelled = ModelSpec.newBuilder().setName("again").setVersionLabel("stable");
        assertThat(predictions
                        .predict(PredictRequest.newBuilder()
                                .setModelSpec(labelled)
                                .putInputs("inputs", floats(1, 4, 1, 2, 3, 4))
                                .build())
                        .getModelSpec()
                        .getVersion()
                        .getValue())
                .isEqualTo(3);
        fails(
                Status.Code.NOT_FOUND,
                "Servable not found for request: Latest(m)",
                () -> predictions.predict(request("m").build()));
        assertThat(models.handleReloadConfigRequest(ReloadConfigRequest.getDefaultInstance())
                        .getStatus()
                        .getErrorMessage())
                .contains("ModelServerConfig");
        var health = HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
        assertThat(health.getStatus()).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void wrongRequests() {
        fails(
                Status.Code.NOT_FOUND,
                "Latest(none)",
                () -> predictions.predict(request("none").build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "ModelSpec has no name",
                () -> predictions.predict(PredictRequest.getDefaultInstance()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "Missing but required: {inputs}",
                () -> predictions.predict(request("m").build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "is of type int64, expected float",
                () -> predictions.predict(request("m")
                        .putInputs("inputs", tensor(DataType.DT_INT64, 0).build())
                        .build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "has shape [1,3], expected [-1,4]",
                () -> predictions.predict(
                        request("m").putInputs("inputs", floats(1, 3, 1, 2, 3)).build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "needs 16 bytes, not 3",
                () -> predictions.predict(request("m")
                        .putInputs(
                                "inputs",
                                floats(1, 4).toBuilder()
                                        .setTensorContent(ByteString.copyFromUtf8("abc"))
                                        .build())
                        .build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "too large",
                () -> predictions.predict(
                        request("m").putInputs("inputs", floats(1 << 30, 4)).build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "negative size",
                () -> predictions.predict(
                        request("m").putInputs("inputs", floats(-1, 4)).build()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "signature name: \"x\" not found",
                () -> predictions.predict(PredictRequest.newBuilder()
                        .setModelSpec(spec("m").toBuilder().setSignatureName("x"))
                        .build()));
        fails(
                Status.Code.NOT_FOUND,
                "Specific(m, 9)",
                () -> predictions.predict(PredictRequest.newBuilder()
                        .setModelSpec(spec("m").toBuilder().setVersion(Int64Value.of(9)))
                        .build()));
    }

    private TensorProto echo(String model, TensorProto tensor) {
        return predictions
                .predict(request(model).putInputs("x", tensor).build())
                .getOutputsOrThrow("y");
    }

    private static void fails(Status.Code code, String message, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining(message)
                .satisfies(
                        e -> assertThat(((StatusRuntimeException) e).getStatus().getCode())
                                .isEqualTo(code));
    }

    private static ModelSpec spec(String model) {
        return ModelSpec.newBuilder().setName(model).build();
    }

    private static PredictRequest.Builder request(String model) {
        return PredictRequest.newBuilder().setModelSpec(spec(model));
    }

    private static TensorProto.Builder tensor(DataType type, long... shape) {
        var proto = TensorShapeProto.newBuilder();
        for (long size : shape) {
            proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return TensorProto.newBuilder().setDtype(type).setTensorShape(proto);
    }

    private static TensorProto floats(int rows, int columns, float... values) {
        var tensor = tensor(DataType.DT_FLOAT, rows, columns);
        for (float value : values) {
            tensor.addFloatVal(value);
        }
        return tensor.build();
    }
}
