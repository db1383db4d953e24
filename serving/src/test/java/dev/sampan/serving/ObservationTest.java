package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.config.ModelConfig.RequestLogging;
import dev.sampan.serving.config.VersionPolicy;
import dev.sampan.serving.proto.PredictionLog;
import dev.sampan.serving.requestlog.TfRecords;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a server keeps and tells of its requests: logs, traces, status page; and warm-up, which reads such a log. */
class ObservationTest {
    private static final String BODY = "{\"instances\": [[1,2,3,4]]}";

    @TempDir
    Path folder;

    @BeforeEach
    void model() throws Exception {
        TestModels.classifier(folder.resolve("m"), 1);
    }

    private ServerOptions logging(RequestLogging.Format format, double rate) {
        var config = new ModelConfig(
                "m",
                folder.resolve("m"),
                new VersionPolicy.Latest(1),
                Map.of(),
                new RequestLogging(format, folder.resolve("logs/m").toString(), rate));
        return ServerOptions.local(List.of(config));
    }

    @Test
    void recordedRequestsWarmTheNextServerUp() throws Exception {
        try (var server = new ModelServer(logging(RequestLogging.Format.TF_RECORD, 1)).start();
                var client = new RestClient(server.restUri())) {
            client.post("/v1/models/m:predict", BODY);
            client.post("/v1/models/m:predict", BODY);
            client.post("/v1/models/m:predict", "{\"instances\": [[1]]}");
            assertThat(client.get("/monitoring/prometheus/metrics").body())
                    .contains(":tensorflow:serving:request_log_count{model_name=\"m\"} 2");
        }
        var log = Files.readAllBytes(folder.resolve("logs/m.tfrecord"));
        var records = TfRecords.read(new ByteArrayInputStream(log), 10);
        assertThat(records).hasSize(2);
        var first = PredictionLog.parseFrom(records.getFirst());
        assertThat(first.getLogMetadata().getModelSpec().getVersion().getValue())
                .isEqualTo(1);
        assertThat(first.getPredictLog()
                        .getRequest()
                        .getInputsOrThrow("inputs")
                        .getTensorContent()
                        .size())
                .isEqualTo(16);
        assertThat(first.getPredictLog()
                        .getResponse()
                        .getOutputsOrThrow("probabilities")
                        .getTensorContent()
                        .size())
                .isEqualTo(40);

        var extra = Files.createDirectories(folder.resolve("m/1/assets.extra"));
        Files.write(extra.resolve("tf_serving_warmup_requests"), log);
        Files.writeString(extra.resolve("warmup_requests.jsonl"), BODY + "\n\n" + BODY + "\n");
        try (var server = new ModelServer(ServerOptions.local("m", folder.resolve("m"))).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/monitoring/prometheus/metrics").body())
                    .contains(":tensorflow:serving:model_warmup_records_read{} 4");
        }
    }

    @Test
    void aVersionWhoseWarmUpFailsIsNotServed() throws Exception {
        var extra = Files.createDirectories(folder.resolve("m/1/assets.extra"));
        Files.writeString(extra.resolve("warmup_requests.jsonl"), "{\"instances\": [[1,2,3]]}\n");
        try (var server = new ModelServer(ServerOptions.local("m", folder.resolve("m"))).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/m").body()).contains("warm-up request 0", "has shape [1,3]");
        }
        Files.writeString(extra.resolve("warmup_requests.jsonl"), BODY);
        Files.write(extra.resolve("tf_serving_warmup_requests"), TfRecords.frame(new byte[] {1, 2, 3}));
        try (var server = new ModelServer(ServerOptions.local("m", folder.resolve("m"))).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/m").body()).contains("is no PredictionLog");
        }
    }

    @Test
    void damagedRecordsAreNoticed() throws Exception {
        var frame = TfRecords.frame(new byte[] {1, 2, 3});
        assertThat(TfRecords.read(new ByteArrayInputStream(frame), 5).getFirst())
                .containsExactly(1, 2, 3);
        var damaged = frame.clone();
        damaged[12] ^= 1;
        assertThatThrownBy(() -> TfRecords.read(new ByteArrayInputStream(damaged), 5))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged data");
        assertThatThrownBy(() -> TfRecords.read(new ByteArrayInputStream(frame, 0, 14), 5))
                .hasMessageContaining("cut short");
    }

    @Test
    void requestsAreRecordedAsLinesOfJsonToo() throws Exception {
        try (var server = new ModelServer(logging(RequestLogging.Format.JSON_LINES, 1)).start();
                var client = new RestClient(server.restUri())) {
            client.post("/v1/models/m:predict", BODY);
        }
        var line = JsonMapper.shared().readTree(Files.readString(folder.resolve("logs/m.jsonl")));
        assertThat(line.at("/inputs/inputs/0").toString()).isEqualTo("[1.0,2.0,3.0,4.0]");
        assertThat(line.at("/outputs/probabilities/0/1").asDouble()).isEqualTo(1.0);
    }

    @Test
    void onlyAShareIsRecorded() throws Exception {
        try (var server = new ModelServer(logging(RequestLogging.Format.JSON_LINES, 0.2)).start();
                var client = new RestClient(server.restUri())) {
            for (int i = 0; i < 500; i++) {
                client.post("/v1/models/m:predict", BODY);
            }
        }
        // 500 draws at 0.2: 100 expected, standard deviation 9.
        assertThat(Files.readAllLines(folder.resolve("logs/m.jsonl"))).hasSizeBetween(40, 160);
    }

    @Test
    void theAccessLogNamesTheTrace() throws Exception {
        var file = folder.resolve("access.jsonl");
        var options = TestServers.options(folder, List.of("m")).with(new ServerOptions.Observation("/metrics", file));
        var trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        try (var server = new ModelServer(options).start();
                var http = HttpClient.newHttpClient()) {
            var answer = http.send(
                    HttpRequest.newBuilder(server.restUri().resolve("/v1/models/m:predict?x=1"))
                            .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                            .POST(HttpRequest.BodyPublishers.ofString(BODY))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("traceresponse").orElseThrow())
                    .matches("00-" + trace + "-[0-9a-f]{16}-01");
            var plain = http.send(
                    HttpRequest.newBuilder(server.restUri().resolve("/metrics")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(plain.body()).contains("request_count");
        }
        var lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        var line = JsonMapper.shared().readTree(lines.getFirst());
        assertThat(line.path("path").asString()).isEqualTo("/v1/models/m:predict?x=1");
        assertThat(line.path("status").asString()).isEqualTo("200");
        assertThat(line.path("in").asInt()).isEqualTo(BODY.length());
        assertThat(line.path("trace_id").asString()).isEqualTo(trace);
        assertThat(line.path("parent_id").asString()).isEqualTo("00f067aa0ba902b7");
        assertThat(JsonMapper.shared().readTree(lines.get(1)).has("parent_id")).isFalse();
    }

    @Test
    void theStatusPageShowsModelsAndTheirTraffic() throws Exception {
        TestModels.write(folder.resolve("broken<b>"), 4, new byte[] {1});
        Files.createDirectories(folder.resolve("empty"));
        try (var server = new ModelServer(TestServers.options(folder, List.of("m", "broken<b>", "empty"))).start();
                var client = new RestClient(server.restUri())) {
            client.post("/v1/models/m:predict", BODY);
            var page = client.get("/").body();
            assertThat(page)
                    .contains("3 models, 1 serving", "no version")
                    .contains("<h2>m</h2>", "AVAILABLE", "OK 1", "rows of the batches", "<rect")
                    .contains("broken&lt;b&gt;", "cannot load")
                    .doesNotContain("broken<b>");
        }
    }

    @Test
    void aConfigurationFileIsLookedAtAgain() throws Exception {
        TestModels.classifier(folder.resolve("n"), 2);
        var file = folder.resolve("models.config");
        Files.writeString(file, config("m"));
        var flags = List.of(
                "--model_config_file=" + file,
                "--model_config_file_poll_wait_seconds=0.05",
                "--bind_address=127.0.0.1",
                "--drain_seconds=0",
                "--rest_api_port=" + freePort(),
                "--port=0");
        try (var server = new ModelServer(ServerFlags.parse(flags, Map.of(), w -> {})).start();
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v2/models/m/ready").status()).isEqualTo(200);
            Files.writeString(file, "this is wrong {");
            Files.writeString(file, config("n"));
            Awaitility.await().until(() -> client.get("/v2/models/n/ready").status() == 200);
            Awaitility.await().until(() -> client.get("/v2/models/m/ready").status() == 400);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private String config(String model) {
        return "model_config_list { config { name: '%s' base_path: '%s' } }".formatted(model, folder.resolve(model));
    }
}
