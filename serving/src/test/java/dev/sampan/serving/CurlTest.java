package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.models.onnx.Onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people type: the real {@code curl}. */
class CurlTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int LIMIT = 4 << 20;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init") // Set by serve().
    private static ModelServer server;

    /** @param body what curl wrote of the last answer, or of all */
    private record Answer(int exit, int status, String body) {
        JsonNode json() {
            return JSON.readTree(body);
        }
    }

    @BeforeAll
    static void serve() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is needed");
        TestModels.write(folder.resolve("sum"), 1, TestModels.sumAndProduct());
        TestModels.write(folder.resolve("text"), 1, TestModels.identity(DataType.STRING, 1));
        server = new ModelServer(TestServers.options(folder, List.of("sum", "text"))
                        .with(new ServerOptions.Http(LIMIT, 100, Duration.ofSeconds(5), true)))
                .start();
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    private static String url(String path) {
        return server.restUri().resolve(path).toString();
    }

    private static Answer curl(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("/usr/bin/curl", "-sS", "--max-time", "30", "-w", "\n%{http_code}"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int end = output.lastIndexOf('\n');
        return new Answer(
                process.waitFor(), Integer.parseInt(output.substring(end + 1).strip()), output.substring(0, end));
    }

    @Test
    void rowsAndColumns() throws Exception {
        var rows = curl("-d", "{\"instances\": [{\"a\": [1, 2], \"b\": [3, 4]}]}", url("/v1/models/sum:predict"));
        assertThat(rows.status).isEqualTo(200);
        assertThat(rows.json()).isEqualTo(JSON.readTree("""
                {"predictions": [{"sum": [4.0, 6.0], "product": [3.0, 8.0]}]}"""));
        var columns = curl(
                "-d", "{\"inputs\": {\"a\": [[1, 2]], \"b\": [[3, 4]]}}", url("/v1/models/sum/versions/1:predict"));
        assertThat(columns.json()).isEqualTo(JSON.readTree("""
                {"outputs": {"sum": [[4.0, 6.0]], "product": [[3.0, 8.0]]}}"""));
    }

    @Test
    void bytesInBase64() throws Exception {
        var answer = curl(
                "-d", "{\"instances\": [{\"b64\": \"aGVsbG8=\"}, \"w\u00f6rld\"]}", url("/v1/models/text:predict"));
        assertThat(answer.body).contains("\"hello\"", "\"w\u00f6rld\"");
    }

    @Test
    void statusAndMetadataOnOneConnection() throws Exception {
        var answers = curl("-v", url("/v1/models/sum"), url("/v1/models/sum/metadata"));
        assertThat(answers.status).isEqualTo(200);
        assertThat(answers.body).contains("\"AVAILABLE\"", "\"signature_def\"");
        assertThat(curl("-I", url("/v1/models/sum")).exit).isZero();
    }

    @Test
    void openInferenceProtocol() throws Exception {
        assertThat(curl("-f", url("/v2/health/ready")).exit).isZero();
        var answer = curl("-d", """
                {"inputs": [{"name": "a", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]},
                            {"name": "b", "shape": [1, 2], "datatype": "FP32", "data": [3, 4]}],
                 "outputs": [{"name": "product"}]}""", url("/v2/models/sum/infer"));
        assertThat(answer.status).isEqualTo(200);
        assertThat(answer.json().at("/outputs/0/data")).isEqualTo(JSON.readTree("[3.0, 8.0]"));
    }

    /** curl asks with {@code Expect: 100-continue} before it sends more than a megabyte. */
    @Test
    void largeBodiesWhetherTheirLengthIsKnownOrNot() throws Exception {
        var values = IntStream.range(0, 150_000).mapToObj(i -> "1.25").collect(Collectors.joining(", ", "[", "]"));
        var body = Files.writeString(
                folder.resolve("large.json"), "{\"inputs\": {\"a\": [%s], \"b\": [%s]}}".formatted(values, values));
        for (var framing : List.of("Content-Type: application/json", "Transfer-Encoding: chunked")) {
            var answer = curl("-H", framing, "--data-binary", "@" + body, url("/v1/models/sum:predict"));
            assertThat(answer.status).isEqualTo(200);
            assertThat(answer.json().at("/outputs/sum/0").size()).isEqualTo(150_000);
            assertThat(answer.json().at("/outputs/sum/0/149999").doubleValue()).isEqualTo(2.5);
        }
    }

    @Test
    void mistakesAreExplained() throws Exception {
        var nobody = curl("-d", "{\"instances\": [1]}", url("/v1/models/nobody:predict"));
        assertThat(nobody.status).isEqualTo(404);
        assertThat(nobody.json().get("error").asString()).contains("nobody");
        var truncated = curl("-d", "{\"instances\": [{\"a\": [1, 2", url("/v1/models/sum:predict"));
        assertThat(truncated.status).isEqualTo(400);
        assertThat(truncated.json().get("error").asString()).isNotEmpty();
        var get = curl(url("/v1/models/sum:predict"));
        assertThat(get.status).isEqualTo(400);
        assertThat(get.json().get("error").asString()).startsWith("Malformed request: GET /v1/models/sum:predict");
        var tooLarge = Files.write(folder.resolve("too-large"), new byte[LIMIT + 1]);
        var refused = curl("--data-binary", "@" + tooLarge, url("/v1/models/sum:predict"));
        assertThat(refused.status).isEqualTo(413);
        assertThat(curl("-f", "-d", "{}", url("/v1/models/sum:predict")).exit).isEqualTo(22);
    }
}
