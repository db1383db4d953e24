package dev.sampan.serving.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One model that is served.
 *
 * @param name by which clients call it
 * @param basePath folder of its version folders
 * @param remote what the base path is a copy of; null if it is the original
 * @param versions which of them are served
 * @param labels names for versions
 * @param logging which requests are recorded
 */
public record ModelConfig(
        String name,
        Path basePath,
        @Nullable URI remote,
        VersionPolicy versions,
        Map<String, Long> labels,
        RequestLogging logging) {

    public ModelConfig {
        labels = Map.copyOf(labels);
    }

    /** A model in a folder. */
    public ModelConfig(
            String name, Path basePath, VersionPolicy versions, Map<String, Long> labels, RequestLogging logging) {
        this(name, basePath, null, versions, labels, logging);
    }

    /** The highest version, without labels or logging. */
    public static ModelConfig latest(String name, Path basePath) {
        return new ModelConfig(name, basePath, new VersionPolicy.Latest(1), Map.of(), RequestLogging.OFF);
    }

    /** The same for what may lie elsewhere. */
    public static ModelConfig latest(String name, ModelLocation location) {
        return new ModelConfig(
                name, location.folder(), location.remote(), new VersionPolicy.Latest(1), Map.of(), RequestLogging.OFF);
    }

    /**
     * Recording of requests.
     *
     * @param format of the files
     * @param filePrefix beginning of the files' path; empty for no recording
     * @param rate share of requests, from 0 to 1
     */
    public record RequestLogging(Format format, String filePrefix, double rate) {
        public static final RequestLogging OFF = new RequestLogging(Format.TF_RECORD, "", 0);

        /** How requests are recorded. */
        public enum Format {
            /** TensorFlow's records of {@code PredictionLog}. */
            TF_RECORD,
            /** A JSON document a line. */
            JSON_LINES
        }
    }
}
