package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sampan.models.Conversion;
import dev.sampan.models.ConversionOptions;
import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.onnx.Onnx;
import dev.sampan.models.onnx.OnnxClassifier;
import dev.sampan.models.train.FitOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelServerTest {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // Set by serve().
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private RestClient client;

    private void serve(ServerOptions options) throws IOException {
        server = new ModelServer(options).start();
        client = new RestClient(server.restUri());
    }

    private void serve(String... names) throws IOException {
        serve(TestServers.options(folder, List.of(names))
                .with(new ServerOptions.Http(1 << 20, 100, Duration.ofSeconds(5), true)));
    }

    @AfterEach
    void close() {
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void digitsAreAnsweredAsTheEngineAloneAnswersThem() throws Exception {
        var quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Training.train(
                TrainingOptions.of("digits", folder.resolve("trained"))
                        .with(FitOptions.usual().epochs(10)),
                quiet);
        var base = folder.resolve("digits");
        var converted = Conversion.convert(new ConversionOptions(folder.resolve("trained"), base));
        serve("digits");

        var heldOut = DataSource.open(DataOptions.of("digits")).heldOut();
        var body = new StringBuilder("{\"instances\": [");
        for (int i = 0; i < heldOut.rows(); i++) {
            body.append(i == 0 ? "" : ",").append(Arrays.toString(heldOut.row(i)));
        }
        var answer = client.post("/v1/models/digits:predict", body.append("]}").toString());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);

        try (var direct = new OnnxClassifier(Files.readAllBytes(converted.file()))) {
            float[] expected = direct.scores(heldOut.features(), heldOut.rows());
            var predictions = answer.json().path("predictions");
            assertThat(predictions.size()).isEqualTo(heldOut.rows());
            int right = 0;
            for (int row = 0; row < heldOut.rows(); row++) {
                int best = 0;
                for (int digit = 0; digit < 10; digit++) {
                    double value = predictions.get(row).get(digit).asDouble();
                    assertThat(value).isCloseTo(expected[row * 10 + digit], within(1e-6));
                    best = value > predictions.get(row).get(best).asDouble() ? digit : best;
                }
                right += best == heldOut.labels()[row] ? 1 : 0;
            }
            assertThat(right).isGreaterThan(heldOut.rows() * 9 / 10);
        }
    }

    @Test
    void statusMetadataVersionsAndColumnFormat() throws Exception {
        TestModels.classifier(folder.resolve("m"), 3);
        serve("m");
        var status = client.get("/v1/models/m").json();
        assertThat(status.at("/model_version_status/0/version").asString()).isEqualTo("3");
        assertThat(status.at("/model_version_status/0/state").asString()).isEqualTo("AVAILABLE");
        assertThat(status.at("/model_version_status/0/status/error_code").asString())
                .isEqualTo("OK");

        var metadata = client.get("/v1/models/m/versions/3/metadata").json();
        assertThat(metadata.at("/model_spec/version").asString()).isEqualTo("3");
        var signature = metadata.at("/metadata/signature_def/signature_def/serving_default");
        assertThat(signature.at("/inputs/inputs/dtype").asString()).isEqualTo("DT_FLOAT");
        assertThat(signature.at("/inputs/inputs/tensor_shape/dim/0/size").asString())
                .isEqualTo("-1");
        assertThat(signature.at("/inputs/inputs/tensor_shape/dim/1/size").asString())
                .isEqualTo("4");
        assertThat(signature.at("/method_name").asString()).isEqualTo("tensorflow/serving/predict");

        var column =
                client.post("/V1/models/m/versions/3:Predict", "{\"inputs\": {\"inputs\": [[1,2,3,4],[0,0,0,0]]}}");
        assertThat(column.json().at("/outputs/1/3").asDouble()).isEqualTo(1.0);
        var plain =
                client.post("/v1/models/m:predict", "{\"signature_name\":\"serving_default\",\"inputs\":[[1,2,3,4]]}");
        assertThat(plain.json().at("/outputs/0/3").asDouble()).isEqualTo(1.0);
        var rows = client.post("/v1/models/m:predict", "{\"instances\": [{\"inputs\": [1,2,3,4]}]}");
        assertThat(rows.json().at("/predictions/0/3").asDouble()).isEqualTo(1.0);
    }

    @Test
    void severalInputsAndOutputs() throws Exception {
        TestModels.write(folder.resolve("sum"), 1, TestModels.sumAndProduct());
        serve("sum");
        var rows = client.post(
                "/v1/models/sum:predict",
                "{\"instances\": [{\"a\": [1, 2], \"b\": [3, 4]}, {\"b\": [7, 8], \"a\": [5, 6]}]}");
        assertThat(rows.json().at("/predictions").toString())
                .isEqualTo("[{\"sum\":[4.0,6.0],\"product\":[3.0,8.0]},{\"sum\":[12.0,14.0],\"product\":[35.0,48.0]}]");
        var columns =
                client.post("/v1/models/sum:predict", "{\"inputs\": {\"a\": [[1, NaN]], \"b\": [[Infinity, 4]]}}");
        assertThat(columns.body()).contains("\"sum\": [[Infinity, NaN]]", "\"product\": [[Infinity, NaN]]");
        assertThat(client.post("/v1/models/sum:predict", "{\"instances\": [[1, 2]]}")
                        .error())
                .contains("expecting list of objects");
        assertThat(client.post("/v1/models/sum:predict", "{\"instances\": [{\"a\": [1, 2]}]}")
                        .error())
                .contains("Failed to process element: 0", "keys must be equal to: a,b");
        assertThat(client.post("/v1/models/sum:predict", "{\"inputs\": {\"a\": [[1]]}}")
                        .error())
                .isEqualTo("Missing named input: b in 'inputs' object.");
    }

    @Test
    void everyTypeThatTheEngineKnows() throws Exception {
        var values = Map.of(
                Onnx.TensorProto.DataType.FLOAT, "[[1.5, -2.0], [3.0E10, 0.1]]",
                Onnx.TensorProto.DataType.DOUBLE, "[[1.5, -2.0], [3.0E100, 0.1]]",
                Onnx.TensorProto.DataType.INT64, "[[1, -2], [9007199254740993, 0]]",
                Onnx.TensorProto.DataType.INT32, "[[1, -2], [2147483647, 0]]",
                Onnx.TensorProto.DataType.INT8, "[[1, -128], [127, 0]]",
                Onnx.TensorProto.DataType.UINT8, "[[1, 255], [127, 0]]",
                Onnx.TensorProto.DataType.BOOL, "[[true, false], [false, true]]",
                Onnx.TensorProto.DataType.FLOAT16, "[[1.5, -2.0], [0.25, 65504.0]]",
                Onnx.TensorProto.DataType.STRING, "[[\"a\", \"\"], [\"grüß\\\"\\n\", \"中文\"]]");
        for (var type : values.keySet()) {
            TestModels.write(folder.resolve(type.name()), 1, TestModels.identity(type, 2));
        }
        serve(values.keySet().stream().map(Enum::name).toArray(String[]::new));
        for (var value : values.entrySet()) {
            var answer = client.post(
                    "/v1/models/" + value.getKey().name() + ":predict", "{\"inputs\": " + value.getValue() + "}");
            assertThat(answer.body()).as("%s", value.getKey()).contains("\"outputs\": " + value.getValue());
        }
        var base64 = client.post("/v1/models/STRING:predict", "{\"inputs\": [[{\"b64\": \"aGVsbG8=\"}]]}");
        assertThat(base64.json().at("/outputs/0/0").asString()).isEqualTo("hello");
        assertThat(client.post("/v1/models/INT8:predict", "{\"inputs\": [[128]]}")
                        .error())
                .contains("is not of expected type: int8");
    }

    @Test
    void wrongRequestsAreExplained() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
        serve("m");
        expect(404, "Servable not found for request: Latest(none)", "/v1/models/none:predict", "{\"instances\":[1]}");
        expect(404, "Servable not found for request: Specific(m, 9)", "/v1/models/m/versions/9:predict", "{}");
        expect(400, "Unrecognized servable version label: stable", "/v1/models/m/labels/stable:predict", "{}");
        expect(400, "Malformed request: POST /v1/models/m:guess", "/v1/models/m:guess", "{}");
        expect(400, "JSON Parse error: The document is empty.", "/v1/models/m:predict", "");
        expect(400, "Is not object", "/v1/models/m:predict", "[1]");
        expect(400, "Missing 'inputs' or 'instances' key", "/v1/models/m:predict", "{}");
        expect(400, "No values in 'instances'", "/v1/models/m:predict", "{\"instances\": []}");
        expect(400, "only one of", "/v1/models/m:predict", "{\"instances\": [[1,2,3,4]], \"inputs\": 1}");
        expect(400, "Missing a comma or ]", "/v1/models/m:predict", "{\"instances\": [[1, 2, 3");
        expect(
                400,
                "Type: String is not of expected type: float",
                "/v1/models/m:predict",
                "{\"instances\": [[\"a\"]]}");
        expect(400, "has shape [1,3], expected [-1,4]", "/v1/models/m:predict", "{\"instances\": [[1,2,3]]}");
        expect(400, "unexpected size: 1 at level: 1", "/v1/models/m:predict", "{\"instances\": [[1,2,3,4],[5]]}");
        expect(400, "found at incorrect level", "/v1/models/m:predict", "{\"instances\": [[1,2,3,4],5]}");
        expect(400, "unexpected level", "/v1/models/m:predict", "{\"instances\": [[1,2,3,[4]]]}");
        expect(
                400,
                "Serving signature name: \"x\" not found",
                "/v1/models/m:predict",
                "{\"instances\": [[1,2,3,4]], \"signature_name\": \"x\"}");
        expect(400, "followed by other values", "/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]} x");
        expect(400, "does not have named input: x", "/v1/models/m:predict", "{\"instances\": [{\"x\": [1,2,3,4]}]}");
        expect(400, "without loss of precision", "/v1/models/m:predict", "{\"instances\": [[16777217,2,3,4]]}");
        var deep = "[".repeat(100_000);
        expect(400, "Nested too deeply", "/v1/models/m:predict", "{\"instances\": " + deep);
        expect(400, "Nested too deeply", "/v1/models/m:predict", "{\"other\": " + deep);
        expect(413, "larger than 1048576 bytes", "/v1/models/m:predict", " ".repeat((1 << 20) + 1));
        expect(413, "larger than 1048576 bytes", "/v1/models/m:predict", " ".repeat(20 << 20));
        assertThat(client.get("/v1/models").error()).isEqualTo("Missing model name in request.");
        assertThat(client.get("/v1/models/none").error()).isEqualTo("Could not find any versions of model none");
        assertThat(client.get("/v1/models/m/versions/9").error()).isEqualTo("Could not find version 9 of model m");
        assertThat(client.get("/other").status()).isEqualTo(404);

        var good = client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]}");
        assertThat(good.json().at("/predictions/0/1").asDouble()).isEqualTo(1.0);
    }

    private void expect(int status, String error, String path, String body) throws Exception {
        var answer = client.post(path, body);
        assertThat(answer.error())
                .as(path + " " + body.substring(0, Math.min(80, body.length())))
                .contains(error);
        assertThat(answer.status()).isEqualTo(status);
    }

    @Test
    void requestsAreCounted() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
        serve("m");
        client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4],[1,2,3,4]]}");
        client.post("/v1/models/m:predict", "{\"instances\": [[1]]}");
        client.post("/v1/models/unknown:predict", "{}");
        var text = client.get("/monitoring/prometheus/metrics").body();
        assertThat(text)
                .contains(
                        ":tensorflow:serving:request_count{model_name=\"m\",status=\"OK\"} 1",
                        ":tensorflow:serving:request_count{model_name=\"m\",status=\"INVALID_ARGUMENT\"} 1",
                        ":tensorflow:serving:request_latency_count{model_name=\"m\",API=\"Predict\",entrypoint=\"REST\"} 2",
                        ":tensorflow:serving:request_example_count_total{model=\"m\"} 2",
                        ":tensorflow:serving:batching_session:processed_batch_size_sum{model_name=\"m\"} 2.0")
                .doesNotContain("unknown");
    }

    @Test
    void aMissingModelIsPolledForUntilItComes() throws Exception {
        serve("late");
        assertThat(client.get("/v1/models/late").status()).isEqualTo(404);
        TestModels.classifier(folder.resolve("late"), 5);
        Awaitility.await()
                .until(() -> client.get("/v1/models/late").status() == 200
                        && client.get("/v1/models/late").body().contains("AVAILABLE"));
    }

    @Test
    void aBrokenVersionLeavesTheOldOneAndIsTakenOnceItIsMended() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
        serve("m");
        TestModels.write(folder.resolve("m"), 2, "this is no model".getBytes(StandardCharsets.UTF_8));
        Awaitility.await()
                .until(() -> client.get("/v1/models/m/versions/2").body().contains("cannot load"));
        var old = client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]}");
        assertThat(old.json().at("/predictions/0/1").asDouble()).isEqualTo(1.0);

        TestModels.classifier(folder.resolve("m"), 2);
        Awaitility.await()
                .until(() -> client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]}")
                                .json()
                                .at("/predictions/0/2")
                                .asDouble()
                        == 1.0);
    }

    @Test
    void aSlowClientHoldsNobodyUp() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
        serve("m");
        try (var slow = new Socket("127.0.0.1", server.restUri().getPort())) {
            slow.getOutputStream()
                    .write("POST /v1/models/m:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n{"
                            .getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 20; i++) {
                assertThat(client.post("/v1/models/m:predict", "{\"instances\": [[1,2,3,4]]}")
                                .status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void startingFailsWithAReason() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var bytes = new ByteArrayOutputStream();
            var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
            assertThat(ModelServer.run(
                            List.of(
                                    "--rest_api_port=" + taken.getLocalPort(),
                                    "--bind_address=127.0.0.1",
                                    "--drain_seconds=0",
                                    "--model_base_path=" + folder),
                            Map.of(),
                            out))
                    .isEqualTo(1);
            assertThat(ModelServer.run(List.of("--model_config_file=/nowhere/models.config"), Map.of(), out))
                    .isEqualTo(1);
            assertThat(ModelServer.run(List.of("--rest_api_prot=1"), Map.of(), out))
                    .isEqualTo(2);
            assertThat(bytes.toString(StandardCharsets.UTF_8))
                    .contains(
                            "cannot listen at 127.0.0.1:" + taken.getLocalPort(),
                            "Address already in use",
                            "there is no file /nowhere/models.config",
                            "unknown flag --rest_api_prot");
        }
        assertThatThrownBy(() -> ServerFlags.parse(List.of("--port", "x"), Map.of(), w -> {}))
                .hasMessageContaining("needs an integer");
    }
}
