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
 * @param data where rows come from: held-out rows of this data set, unless there are images
 * @param images image files to predict instead, read as {@code data.images()} says
 * @param count number of rows
 * @param timeout of one request
 */
public record PredictionOptions(
        URI server,
        String model,
        @Nullable String host,
        DataOptions data,
        List<Path> images,
        int count,
        Duration timeout) {

    public PredictionOptions {
        images = List.copyOf(images);
    }

    /** Three held-out digits. */
    public static PredictionOptions digits(URI server, String model) {
        return new PredictionOptions(
                server, model, null, DataOptions.of("digits"), List.of(), 3, Duration.ofSeconds(10));
    }
}
