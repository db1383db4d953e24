package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sampan.models.Conversion;
import dev.sampan.models.ConversionOptions;
import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.onnx.OnnxClassifier;
import dev.sampan.models.onnx.OnnxRuntimes;
import dev.sampan.models.train.FitOptions;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Models of real size: one that we train on Fashion-MNIST, and a transformer that others trained. */
class RealModelsTest {
    private static final Path FASHION_MNIST = Path.of("/usr/share/datasets/fashion-mnist");
    private static final int ROWS = 200;
    /** Width of the transformer's answer for each token. */
    private static final int WIDTH = 384;

    /** Tokens of BERT's vocabulary. */
    private static final long START = 101, END = 102, THE = 1996, CAT = 4937, KITTEN = 18401, CAR = 2482;

    @TempDir
    Path folder;

    @Test
    void fashionMnistTrainedHereIsAnsweredAsTheEngineAloneAnswers() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(FASHION_MNIST), "Debian's dataset-fashion-mnist is not installed");
        Training.train(
                TrainingOptions.of("fashion-mnist", folder.resolve("trained"))
                        .with(FitOptions.usual().epochs(1)),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        var base = folder.resolve("fashion");
        var converted = Conversion.convert(new ConversionOptions(folder.resolve("trained"), base));
        var heldOut = DataSource.open(DataOptions.of("fashion-mnist"))
                .heldOut()
                .rows(IntStream.range(0, ROWS).toArray());
        var rows = IntStream.range(0, ROWS)
                .mapToObj(heldOut::row)
                .map(Arrays::toString)
                .toList();

        try (var server = new ModelServer(ServerOptions.local("fashion", base)).start();
                var client = new RestClient(server.restUri());
                var direct = new OnnxClassifier(Files.readAllBytes(converted.file()))) {
            var answer = client.post("/v1/models/fashion:predict", "{\"instances\": " + rows + "}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            float[] served = values(answer.json().path("predictions"), ROWS * 10);
            float[] expected = direct.scores(heldOut.features(), ROWS);
            assertClose(served, expected);
            long right = IntStream.range(0, ROWS)
                    .filter(row -> best(served, row) == heldOut.labels()[row])
                    .count();
            assertThat(right).isGreaterThan(ROWS * 3 / 4);
        }
    }

    private static int best(float[] scores, int row) {
        return IntStream.range(0, 10)
                .reduce((a, b) -> scores[row * 10 + b] > scores[row * 10 + a] ? b : a)
                .orElseThrow();
    }

    @Test
    void aPretrainedTransformerTakesInt64OfAnyLengthOverBothProtocols() throws Exception {
        byte[] onnx;
        try (var file = RealModelsTest.class.getResourceAsStream("/all-minilm-l6-v2-q.onnx")) {
            onnx = Objects.requireNonNull(file, "it comes with a test dependency")
                    .readAllBytes();
        }
        TestModels.write(folder.resolve("minilm"), 1, onnx);
        // The model quantizes by the largest value of all rows of a run: batching, which is on, leaves its requests
        // whole.
        try (var server = new ModelServer(ServerOptions.local("minilm", folder.resolve("minilm"))).start();
                var client = new RestClient(server.restUri());
                var session = OnnxRuntimes.environment().createSession(onnx)) {
            var metadata = client.get("/v2/models/minilm").json();
            assertThat(metadata.path("inputs").findValuesAsString("name"))
                    .containsExactlyInAnyOrder("input_ids", "attention_mask", "token_type_ids");
            assertThat(metadata.path("inputs").findValuesAsString("datatype")).containsOnly("INT64");

            for (var tokens : List.of(
                    new long[][] {{START, THE, CAT, END}},
                    new long[][] {{START, THE, CAT, THE, KITTEN, THE, CAR, END}, {START, CAR, END, 0, 0, 0, 0, 0}})) {
                float[] expected = direct(session, tokens);
                assertClose(overV1(client, tokens), expected);
                assertClose(overV2(client, tokens), expected);
            }
            var cat = meaning(client, CAT);
            assertThat(cosine(cat, meaning(client, KITTEN))).isGreaterThan(cosine(cat, meaning(client, CAR)) + 0.1);
        }
    }

    private static float[] direct(OrtSession session, long[][] tokens) throws OrtException {
        var environment = OnnxRuntimes.environment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        inputs.put("input_ids", OnnxTensor.createTensor(environment, tokens));
        inputs.put("attention_mask", OnnxTensor.createTensor(environment, mask(tokens)));
        inputs.put("token_type_ids", OnnxTensor.createTensor(environment, new long[tokens.length][tokens[0].length]));
        try (var result = session.run(inputs)) {
            var buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            var values = new float[buffer.remaining()];
            buffer.get(values);
            return values;
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static long[][] mask(long[][] tokens) {
        return Arrays.stream(tokens)
                .map(row -> Arrays.stream(row).map(token -> token == 0 ? 0 : 1).toArray())
                .toArray(long[][]::new);
    }

    private static float[] overV1(RestClient client, long[][] tokens) throws Exception {
        var types = new long[tokens.length][tokens[0].length];
        var answer = client.post(
                "/v1/models/minilm:predict",
                "{\"inputs\": {\"input_ids\": %s, \"attention_mask\": %s, \"token_type_ids\": %s}}"
                        .formatted(
                                Arrays.deepToString(tokens),
                                Arrays.deepToString(mask(tokens)),
                                Arrays.deepToString(types)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return values(answer.json().path("outputs"), tokens.length * tokens[0].length * WIDTH);
    }

    private static float[] overV2(RestClient client, long[][] tokens) throws Exception {
        var types = new long[tokens.length][tokens[0].length];
        var answer = client.post(
                "/v2/models/minilm/infer",
                "{\"inputs\": [" + tensor("input_ids", tokens) + "," + tensor("attention_mask", mask(tokens)) + ","
                        + tensor("token_type_ids", types) + "]}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return values(answer.json().at("/outputs/0/data"), tokens.length * tokens[0].length * WIDTH);
    }

    private static String tensor(String name, long[][] rows) {
        return "{\"name\": \"%s\", \"shape\": [%d, %d], \"datatype\": \"INT64\", \"data\": %s}"
                .formatted(name, rows.length, rows[0].length, Arrays.deepToString(rows));
    }

    /** The mean of what the model says of each token. */
    private static double[] meaning(RestClient client, long word) throws Exception {
        var values = overV2(client, new long[][] {{START, THE, word, END}});
        var mean = new double[WIDTH];
        for (int i = 0; i < values.length; i++) {
            mean[i % WIDTH] += values[i];
        }
        return mean;
    }

    private static double cosine(double[] a, double[] b) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * b[i];
            first += a[i] * a[i];
            second += b[i] * b[i];
        }
        return product / Math.sqrt(first * second);
    }

    /** All numbers of a tree of arrays, in order. */
    private static float[] values(JsonNode tree, int count) {
        var values = new float[count];
        assertThat(fill(tree, values, 0)).isEqualTo(count);
        return values;
    }

    private static int fill(JsonNode tree, float[] values, int at) {
        if (tree.isNumber()) {
            values[at] = tree.floatValue();
            return at + 1;
        }
        int next = at;
        for (var child : tree) {
            next = fill(child, values, next);
        }
        return next;
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(1e-6f));
        }
    }
}
