package dev.sampan.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.parallel.Timeouts;
import dev.sampan.models.train.FitOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Train, convert, evaluate: the programs one after the other, as a person runs them. */
class ModelPathTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void digitsFromDataToAnAcceptedModel() throws Exception {
        var trained = folder.resolve("trained");
        var served = folder.resolve("served/digits");

        assertThat(Training.run(TrainingOptions.of("digits", trained), out)).isZero();
        assertThat(Conversion.run(new ConversionOptions(trained, served), out)).isZero();
        assertThat(Conversion.run(new ConversionOptions(trained, served), out)).isZero();
        var report = folder.resolve("report.json");
        int code = Evaluation.run(new EvaluationOptions(served, DataOptions.of("digits"), 0.95, report), out);

        assertThat(code).isZero();
        assertThat(served.resolve("1/model.onnx")).exists();
        assertThat(served.resolve("2/model.onnx")).exists();
        var json = JsonMapper.shared().readTree(Files.readAllBytes(report));
        assertThat(json.path("accuracy").asDouble()).isGreaterThanOrEqualTo(0.95);
        assertThat(json.path("rows").asInt()).isEqualTo(359);
        assertThat(json.path("passed").asBoolean()).isTrue();
        assertThat(text()).contains("epoch 30/30", "largest difference", "precision", "accuracy 0.9");
        assertThat(Files.list(trained).map(file -> file.getFileName().toString()))
                .contains("model.json")
                .noneMatch(name -> name.contains("checkpoint") || name.contains("tmp"));
    }

    @Test
    void aModelBelowTheThresholdIsRefused() {
        var options = new TrainingOptions(
                DataOptions.of("digits"),
                List.of(),
                FitOptions.usual().epochs(1),
                folder,
                false,
                Timeouts.DEFAULT,
                Map.of());
        assertThat(Training.run(options, out)).isZero();
        assertThat(Evaluation.run(new EvaluationOptions(folder, DataOptions.of("digits"), 0.999, null), out))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(text()).contains("softmax regression", "REFUSED, at least 0.9990");
    }

    @Test
    void theSameSeedTrainsTheSameModel() throws IOException {
        var options = TrainingOptions.of("digits", folder.resolve("a"))
                .with(FitOptions.usual().epochs(2));
        float[] first = parameters(options);
        assertThat(parameters(options)).isEqualTo(first);
    }

    @Test
    void badInputIsExplained() throws IOException {
        assertThat(Training.run(TrainingOptions.of("nowhere.csv", folder), out)).isEqualTo(ExitCodes.FAILED);
        assertThat(Conversion.run(new ConversionOptions(folder, folder), out)).isEqualTo(ExitCodes.FAILED);
        var broken = Files.writeString(folder.resolve("model.onnx"), "not a model");
        assertThat(Evaluation.run(new EvaluationOptions(broken, DataOptions.of("digits"), 0, null), out))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(Evaluation.run(
                        new EvaluationOptions(folder.resolve("none"), DataOptions.of("digits"), 0, null), out))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(text())
                .contains("no data at 'nowhere.csv'", "no trained model in", "does not load the model", "no model at");
    }

    @Test
    void damagedParametersAreNotLoaded() throws IOException {
        Training.train(
                TrainingOptions.of("digits", folder).with(FitOptions.usual().epochs(1)), out);
        try (var files = Files.newDirectoryStream(folder, "weights-*.bin")) {
            for (var file : files) {
                var content = Files.readAllBytes(file);
                content[100] ^= 1;
                Files.write(file, content);
            }
        }
        assertThat(Conversion.run(new ConversionOptions(folder, folder.resolve("served")), out))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(text()).contains("SHA-256 differs");
    }

    private float[] parameters(TrainingOptions options) throws IOException {
        return Objects.requireNonNull(Training.train(options, out))
                .model()
                .network()
                .parameters();
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
