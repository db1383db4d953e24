package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.app.cluster.Images;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.models.Conversion;
import dev.sampan.models.ConversionOptions;
import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.train.FitOptions;
import dev.sampan.node.image.BuildException;
import dev.sampan.node.image.BuildRequest;
import dev.sampan.node.image.ImageBuilder;
import dev.sampan.node.image.ImageName;
import dev.sampan.serving.client.PredictClient;
import dev.sampan.testkit.TestCluster;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small real classifier of digits, trained here, and what tests do with it. */
final class DigitsModel {

    private static final int SAMPLES = 60;

    private final Path folder;

    private DigitsModel(Path folder) {
        this.folder = folder;
    }

    /** Trains and converts; {@code folder} then has the versions directory {@code digits} with version 1. */
    static DigitsModel train(Path folder) throws IOException {
        var quiet = new PrintStream(PrintStream.nullOutputStream());
        Training.train(
                TrainingOptions.of("digits", folder.resolve("trained"))
                        .with(FitOptions.usual().epochs(15)),
                quiet);
        Conversion.convert(new ConversionOptions(folder.resolve("trained"), folder.resolve("digits")));
        return new DigitsModel(folder);
    }

    /** The folder of versions. */
    Path versions() {
        return folder.resolve("digits");
    }

    /** Builds an image for the cluster from a build file's text; the model's versions are in {@code digits/}. */
    void build(TestCluster cluster, String name, String text) throws BuildException, IOException {
        var images = Images.of(cluster.home(), JavaLauncher.ofThisProcess());
        var image = ImageName.parse(name).orElseThrow();
        new ImageBuilder(images.layout(), images.store())
                .build(new BuildRequest(image, folder, "Sampanfile", text, Map.of()));
    }

    /** Builds the model server with the model on a port, as {@code sampan image build --model} does. */
    void buildServer(TestCluster cluster, String name, String model, int port) throws BuildException, IOException {
        build(cluster, name, """
                FROM sampan/model-server
                COPY digits /models/%s
                ENV MODEL_NAME=%s
                ENTRYPOINT ["tensorflow_model_server", "--rest_api_port=%d"%s]
                """.formatted(model, model, port, port == 8500 ? ", \"--port=0\"" : ""));
    }

    /** Asks a server about held-out digits and checks that nearly all answers are right. */
    static void assertPredicts(URI server, String model, @Nullable String host) throws Exception {
        var heldOut = DataSource.open(DataOptions.of("digits")).heldOut();
        var rows = new float[SAMPLES][];
        for (int i = 0; i < SAMPLES; i++) {
            rows[i] = heldOut.row(i);
        }
        try (var client = new PredictClient(server, model, host, Duration.ofSeconds(20))) {
            var scores = client.predict(rows);
            int right = 0;
            for (int i = 0; i < SAMPLES; i++) {
                right += best(scores[i]) == heldOut.labels()[i] ? 1 : 0;
            }
            assertThat(right).as("right answers of " + SAMPLES).isGreaterThanOrEqualTo(SAMPLES * 85 / 100);
        }
    }

    private static int best(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }
}
