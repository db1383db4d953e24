package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.models.Conversion;
import dev.sampan.models.ConversionOptions;
import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.train.FitOptions;
import dev.sampan.serving.client.Prediction;
import dev.sampan.serving.client.PredictionOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionTest {
    @TempDir
    Path folder;

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
