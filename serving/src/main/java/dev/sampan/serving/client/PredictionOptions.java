package dev.sampan.serving.client;

import dev.sampan.models.data.DataOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to predict.
 *
 * @param server address of the model server or of an Ingress in front of it
 * @param model name of the model
 * @param host Host header, or null
 * @param data the data the model was trained on: says how images are read and what classes are called, and gives held-out
 *     rows where there are no inputs
 * @param inputs files with JSON, CSV rows or an image; {@code -} is standard input
 * @param reading how inputs are read and answers are written
 * @param count number of held-out rows
 * @param timeout of one request
 */
public record PredictionOptions(
        URI server,
        String model,
        @Nullable String host,
        DataOptions data,
        List<Path> inputs,
        Reading reading,
        int count,
        Duration timeout) {

    /** Stands for standard input among the inputs. */
    public static final Path STANDARD_INPUT = Path.of("-");

    public PredictionOptions {
        inputs = List.copyOf(inputs);
    }

    /**
     * How inputs are read and answers are written.
     *
     * @param size of images as {@code 28x28}, or null for that of the data
     * @param invert images have dark ink on white paper, and the model learnt light on dark
     * @param json print the server's answer as it is
     * @param explain print where the time of each request went
     */
    public record Reading(@Nullable String size, boolean invert, boolean json, boolean explain) {
        public static final Reading USUAL = new Reading(null, false, false, false);
    }

    /** Three held-out digits. */
    public static PredictionOptions digits(URI server, String model) {
        return new PredictionOptions(
                server, model, null, DataOptions.of("digits"), List.of(), Reading.USUAL, 3, Duration.ofSeconds(10));
    }
}
