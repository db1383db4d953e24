package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.models.onnx.Onnx;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Open Inference Protocol over HTTP, with Triton's extensions. */
class V2RestTest {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private RestClient client;

    @BeforeEach
    void start() throws Exception {
        TestModels.classifier(folder.resolve("m"), 3);
        TestModels.write(folder.resolve("sum"), 1, TestModels.sumAndProduct());
        TestModels.write(folder.resolve("text"), 1, TestModels.identity(Onnx.TensorProto.DataType.STRING, 1));
        TestModels.write(folder.resolve("half"), 1, TestModels.identity(Onnx.TensorProto.DataType.FLOAT16, 2));
        server = new ModelServer(TestServers.options(folder, List.of("m", "sum", "text", "half"))).start();
        client = new RestClient(server.restUri());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void healthAndMetadata() throws Exception {
        assertThat(client.get("/v2/health/live").body()).isEqualTo("{\"live\":true}");
        assertThat(client.get("/v2/health/ready").status()).isEqualTo(200);
        var root = client.get("/v2").json();
        assertThat(root.path("name").asString()).isEqualTo("sampan");
        assertThat(root.path("extensions").toString()).contains("binary_tensor_data", "model_repository");

        assertThat(client.get("/v2/models/m/ready").body()).isEqualTo("{\"name\":\"m\",\"ready\":true}");
        assertThat(client.get("/v2/models/m/versions/9/ready").status()).isEqualTo(400);
        assertThat(client.get("/v2/models/m/versions/3").body())
                .isEqualTo("{\"name\":\"m\",\"versions\":[\"3\"],\"platform\":\"onnxruntime_onnx\","
                        + "\"inputs\":[{\"name\":\"inputs\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                        + "\"outputs\":[{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[-1,10]}]}");
        var config = client.get("/v2/models/m/config").json();
        assertThat(config.path("max_batch_size").asInt()).isEqualTo(1000);
        assertThat(config.at("/input/0").toString())
                .isEqualTo("{\"name\":\"inputs\",\"data_type\":\"TYPE_FP32\",\"dims\":[4]}");
        assertThat(client.get("/v2/models/none").status()).isEqualTo(404);
        assertThat(client.get("/v2/other").status()).isEqualTo(404);
    }

    @Test
    void inferWithJson() throws Exception {
        var answer = client.post(
                "/v2/models/sum/infer",
                "{\"id\": \"seven\", \"inputs\": ["
                        + "{\"name\": \"a\", \"shape\": [2, 2], \"datatype\": \"FP32\", \"data\": [[1, 2], [3, 4]]},"
                        + "{\"data\": [5, 6, 7, 8], \"name\": \"b\", \"datatype\": \"FP32\", \"shape\": [2, 2]}]}");
        assertThat(answer.body())
                .isEqualTo(
                        "{\"model_name\":\"sum\",\"model_version\":\"1\",\"id\":\"seven\",\"outputs\":["
                                + "{\"name\":\"sum\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[6.0,8.0,10.0,12.0]},"
                                + "{\"name\":\"product\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[5.0,12.0,21.0,32.0]}]}");
        var texts = client.post(
                "/v2/models/text/versions/1/infer",
                "{\"inputs\": [{\"name\": \"x\", \"shape\": [2], \"datatype\": \"BYTES\", \"data\": [\"grüß\", \"\"]}],"
                        + " \"outputs\": [{\"name\": \"y\"}]}");
        assertThat(texts.json().at("/outputs/0/data").toString()).isEqualTo("[\"grüß\",\"\"]");
        var classes = client.post(
                "/v2/models/m/infer",
                "{\"inputs\": [{\"name\": \"inputs\", \"shape\": [1, 4], \"datatype\": \"FP32\", \"data\": [1, 2, 3, 4]}],"
                        + " \"outputs\": [{\"name\": \"probabilities\", \"parameters\": {\"classification\": 1}}]}");
        assertThat(classes.json().at("/outputs/0/datatype").asString()).isEqualTo("BYTES");
        assertThat(classes.json().at("/outputs/0/data").toString()).isEqualTo("[\"1.0:3:class-3\"]");
    }

    @Test
    void inferWithBytesAfterTheJson() throws Exception {
        var json = "{\"inputs\": [{\"name\": \"a\", \"shape\": [1, 2], \"datatype\": \"FP32\","
                + " \"parameters\": {\"binary_data_size\": 8}},"
                + "{\"name\": \"b\", \"shape\": [1, 2], \"datatype\": \"FP32\", \"data\": [3, 4]}],"
                + " \"outputs\": [{\"name\": \"sum\", \"parameters\": {\"binary_data\": true}}, {\"name\": \"product\"}]}";
        var answer = binary("/v2/models/sum/infer", json, little(8).putFloat(1).putFloat(2));
        int length = Integer.parseInt(
                answer.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        var head = new String(answer.body(), 0, length, StandardCharsets.UTF_8);
        assertThat(head).contains("\"parameters\":{\"binary_data_size\":8}", "\"data\":[3.0,8.0]");
        var bytes = ByteBuffer.wrap(answer.body(), length, 8).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.getFloat()).isEqualTo(4f);
        assertThat(bytes.getFloat()).isEqualTo(6f);

        var strings = "{\"parameters\": {\"binary_data_output\": true}, \"inputs\": [{\"name\": \"x\", \"shape\": [2],"
                + " \"datatype\": \"BYTES\", \"parameters\": {\"binary_data_size\": 11}}]}";
        var texts = little(11)
                .putInt(2)
                .put("ab".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .put((byte) 'c');
        var echo = binary("/v2/models/text/infer", strings, texts);
        int jsonLength = Integer.parseInt(
                echo.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        assertThat(ByteBuffer.wrap(echo.body(), jsonLength, 11)).isEqualTo(texts.flip());

        var halves = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 2], \"datatype\": \"FP16\","
                + " \"parameters\": {\"binary_data_size\": 4}}]}";
        var half = binary(
                "/v2/models/half/infer",
                halves,
                little(4).putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-2f)));
        assertThat(new String(half.body(), StandardCharsets.UTF_8)).contains("\"data\":[1.5,-2.0]");
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private HttpResponse<byte[]> binary(String path, String json, ByteBuffer bytes) throws Exception {
        var head = json.getBytes(StandardCharsets.UTF_8);
        var body = ByteBuffer.allocate(head.length + bytes.position())
                .put(head)
                .put(bytes.duplicate().flip());
        try (var http = HttpClient.newHttpClient()) {
            var answer = http.send(
                    HttpRequest.newBuilder(server.restUri().resolve(path))
                            .header("Inference-Header-Content-Length", Integer.toString(head.length))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body.array()))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode())
                    .as(new String(answer.body(), StandardCharsets.UTF_8))
                    .isEqualTo(200);
            return answer;
        }
    }

    @Test
    void statisticsCountRowsAndRuns() throws Exception {
        var body = "{\"inputs\": [{\"name\": \"inputs\", \"shape\": [2, 4], \"datatype\": \"FP32\","
                + " \"data\": [1, 2, 3, 4, 5, 6, 7, 8]}]}";
        for (int i = 0; i < 3; i++) {
            assertThat(client.post("/v2/models/m/infer", body).status()).isEqualTo(200);
        }
        var stats = client.get("/v2/models/m/stats").json().at("/model_stats/0");
        assertThat(stats.path("version").asString()).isEqualTo("3");
        assertThat(stats.path("inference_count").asInt()).isEqualTo(6);
        assertThat(stats.path("execution_count").asInt()).isEqualTo(3);
        assertThat(stats.at("/inference_stats/success/count").asInt()).isEqualTo(3);
        assertThat(stats.at("/inference_stats/compute_infer/ns").asLong()).isPositive();
        assertThat(stats.at("/batch_stats/0/batch_size").asInt()).isEqualTo(2);
        assertThat(client.get("/v2/models/stats").json().path("model_stats").size())
                .isEqualTo(4);
    }

    @Test
    void modelsAreUnloadedAndLoadedByRequest() throws Exception {
        assertThat(client.post("/v2/repository/index", "{\"ready\": true}")
                        .json()
                        .size())
                .isEqualTo(4);
        assertThat(client.post("/v2/repository/models/m/unload", "{}").status()).isEqualTo(200);
        assertThat(client.get("/v2/models/m/ready").status()).isEqualTo(400);
        assertThat(client.post("/v2/repository/index", "").body())
                .contains("{\"name\":\"m\",\"version\":\"3\",\"state\":\"UN");
        assertThat(client.post("/v2/repository/models/m/load", "").status()).isEqualTo(200);
        assertThat(client.get("/v2/models/m/ready").status()).isEqualTo(200);
        assertThat(client.post("/v2/repository/models/none/load", "").status()).isEqualTo(404);
        assertThat(client.post("/v2/repository/models/m/load", "{\"parameters\": {\"config\": \"{}\"}}")
                        .error())
                .contains("'config' is not supported");
    }

    @Test
    void wrongRequestsAreExplained() throws Exception {
        fails(400, "has no 'inputs'", "m", "{}");
        fails(400, "JSON Parse error", "m", "{\"inputs\": [{\"name\": \"inputs\"");
        fails(400, "needs 'name', 'datatype' and 'shape'", "m", "{\"inputs\": [{\"name\": \"inputs\"}]}");
        fails(400, "datatype 'FP33', which is not supported", "m", input("FP33", "[1, 4]", "[1, 2, 3, 4]"));
        fails(400, "needs 4 elements, not 3", "m", input("FP32", "[1, 4]", "[1, 2, 3]"));
        fails(400, "negative size", "m", input("FP32", "[-1, 4]", "[1, 2, 3]"));
        fails(400, "impossible shape", "m", input("FP32", "[4611686018427387904, 4]", "[1]"));
        fails(400, "too large", "m", input("FP32", "[1000000000, 4]", "[1]"));
        fails(400, "has shape [1,3], expected [-1,4]", "m", input("FP32", "[1, 3]", "[1, 2, 3]"));
        fails(400, "is of type int64, expected float", "m", input("INT64", "[1, 4]", "[1, 2, 3, 4]"));
        fails(
                400,
                "neither 'data' nor 'binary_data_size'",
                "m",
                "{\"inputs\": [{\"name\": \"inputs\", \"datatype\": \"FP32\", \"shape\": [1, 4]}]}");
        fails(
                400,
                "only 0 are left",
                "m",
                "{\"inputs\": [{\"name\": \"inputs\", \"datatype\": \"FP32\", \"shape\": [1, 4],"
                        + " \"parameters\": {\"binary_data_size\": 16}}]}");
        fails(404, "Servable not found for request: Latest(none)", "none", input("FP32", "[1, 4]", "[1, 2, 3, 4]"));
        fails(
                400,
                "output tensor alias not found",
                "m",
                "{\"inputs\": [{\"name\": \"inputs\", \"datatype\": \"FP32\", \"shape\": [1, 4], \"data\": [1, 2, 3, 4]}],"
                        + " \"outputs\": [{\"name\": \"x\"}]}");
    }

    private static String input(String datatype, String shape, String data) {
        return "{\"inputs\": [{\"name\": \"inputs\", \"datatype\": \"" + datatype + "\", \"shape\": " + shape
                + ", \"data\": " + data + "}]}";
    }

    private void fails(int status, String error, String model, String body) throws Exception {
        var answer = client.post("/v2/models/" + model + "/infer", body);
        assertThat(answer.error()).as(body).contains(error);
        assertThat(answer.status()).isEqualTo(status);
    }

    @Test
    void explainTellsWhereTheTimeWent() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            for (var path : List.of("/v1/models/m:predict", "/v2/models/m/infer")) {
                var body = path.startsWith("/v1")
                        ? "{\"instances\": [[1, 2, 3, 4]]}"
                        : input("FP32", "[1, 4]", "[1, 2, 3, 4]");
                var request = HttpRequest.newBuilder(server.restUri().resolve(path))
                        .POST(HttpRequest.BodyPublishers.ofString(body));
                assertThat(http.send(request.build(), HttpResponse.BodyHandlers.ofString())
                                .headers()
                                .firstValue("Server-Timing"))
                        .isEmpty();
                var explained = http.send(request.header("Explain", "1").build(), HttpResponse.BodyHandlers.ofString());
                assertThat(explained.headers().firstValue("Server-Timing").orElseThrow())
                        .matches("read;dur=[0-9.]+, queue;dur=[0-9.]+, input;dur=[0-9.]+, infer;dur=[0-9.]+,"
                                + " output;dur=[0-9.]+, write;dur=[0-9.]+, batch;desc=\"1 rows\"");
            }
        }
    }
}
