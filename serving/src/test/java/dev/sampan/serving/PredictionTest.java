package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.models.Conversion;
import dev.sampan.models.ConversionOptions;
import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.train.FitOptions;
import dev.sampan.serving.client.Prediction;
import dev.sampan.serving.client.PredictionOptions;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionTest {
    private static final String ONE = """
            P2
            # a one, light on dark
            8 8 255
            0 0 0 200 220 0 0 0
            0 0 90 250 255 0 0 0
            0 0 0 240 255 0 0 0
            0 0 0 240 255 0 0 0
            0 0 0 240 255 0 0 0
            0 0 0 240 255 0 0 0
            0 0 0 240 255 0 0 0
            0 0 100 250 255 120 0 0
            """;

    @TempDir
    Path folder;

    @Test
    void readsJsonRowsAndImagesFromFilesAndStandardInput() throws Exception {
        TestModels.classifier(folder.resolve("four"), 7);
        try (var server = new ModelServer(ServerOptions.local("four", folder.resolve("four"))).start()) {
            var uri = server.restUri();
            assertThat(predict(uri, false, "[[1, 2, 3, 4], [0, 0, 0, 0]]")).isEqualTo("it is 7 (100.0 %)\n".repeat(2));
            assertThat(predict(uri, false, "{\"instances\": [[1, 2, 3, 4]]}")).isEqualTo("it is 7 (100.0 %)\n");
            assertThat(predict(uri, false, "a,b,c,d\n1,2,3,4\n")).isEqualTo("it is 7 (100.0 %)\n");
            assertThat(predict(uri, true, "1,2,3,4")).contains("\"predictions\"");
            assertThat(predict(uri, false, "1,2\nx,y")).startsWith("error: standard input:2: not a row of numbers");
            assertThat(predict(uri, false, "[[1, 2]]")).contains("expected [-1,4]");
            assertThat(predict(uri, false, "[[1")).startsWith("error: standard input is not valid JSON");
            assertThat(predict(uri, false, ONE)).contains("expected [-1,4]");
        }
        assertThat(predict(URI.create("http://127.0.0.1:1"), false, "[[1]]")).contains("nothing answers at");
    }

    private String predict(URI uri, boolean json, String input) {
        return predict(uri, json, false, null, input.getBytes(StandardCharsets.UTF_8));
    }

    private String predict(URI uri, boolean json, boolean explain, @Nullable String size, byte[] input) {
        var bytes = new ByteArrayOutputStream();
        var options = new PredictionOptions(
                uri,
                "four",
                null,
                DataOptions.of("digits"),
                List.of(PredictionOptions.STANDARD_INPUT),
                new PredictionOptions.Reading(size, false, json, explain),
                1,
                Duration.ofSeconds(10));
        int code = Prediction.run(
                options, new ByteArrayInputStream(input), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        var text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(code).isEqualTo(text.startsWith("error") ? 1 : 0);
        return text;
    }

    @Test
    void saysWhereTheTimeWent() throws Exception {
        TestModels.classifier(folder.resolve("four"), 7);
        try (var server = new ModelServer(ServerOptions.local("four", folder.resolve("four"))).start()) {
            var text = predict(server.restUri(), false, true, null, "1,2,3,4".getBytes(StandardCharsets.UTF_8));
            assertThat(text)
                    .containsPattern("[0-9.]+ ms in a batch of 1 rows:")
                    .containsPattern("waiting for its batch +[0-9.]+ ms")
                    .containsPattern("inference +[0-9]+\\.[0-9]{3} ms")
                    .contains("reading the request", "writing the answer", "network, HTTP and client", "it is 7");
        }
    }

    @Test
    void takesPngAndJpeg() throws Exception {
        TestModels.classifier(folder.resolve("four"), 7);
        try (var server = new ModelServer(ServerOptions.local("four", folder.resolve("four"))).start()) {
            for (var format : List.of("png", "jpg")) {
                var image = new BufferedImage(20, 20, BufferedImage.TYPE_BYTE_GRAY);
                var bytes = new ByteArrayOutputStream();
                assertThat(ImageIO.write(image, format, bytes)).isTrue();
                assertThat(predict(server.restUri(), false, false, "2x2", bytes.toByteArray()))
                        .as(format)
                        .contains("it is 7 (100.0 %)");
            }
        }
    }

    @Test
    void digitsAreDrawnWithTheirAnswers() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Training.train(
                TrainingOptions.of("digits", folder.resolve("t"))
                        .with(FitOptions.usual().epochs(15)),
                out);
        Conversion.convert(new ConversionOptions(folder.resolve("t"), folder.resolve("digits")));
        bytes.reset();
        URI uri;
        try (var server = new ModelServer(ServerOptions.local("digits", folder.resolve("digits"))).start()) {
            uri = server.restUri();
            assertThat(Prediction.run(PredictionOptions.digits(uri, "digits"), out))
                    .isZero();
            assertThat(Prediction.run(PredictionOptions.digits(uri, "other"), out))
                    .isEqualTo(1);
        }
        assertThat(Prediction.run(PredictionOptions.digits(uri, "digits"), out)).isEqualTo(1);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains(
                        "██",
                        "  it is ",
                        "the label says",
                        " of 3 right",
                        "Servable not found for request: Latest(other)");
    }
}
