package dev.sampan.serving.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * One model that is served.
 *
 * @param name by which clients call it
 * @param basePath folder of its version folders
 * @param versions which of them are served
 * @param labels names for versions
 * @param logging which requests are recorded
 */
public record ModelConfig(
        String name, Path basePath, VersionPolicy versions, Map<String, Long> labels, RequestLogging logging) {

    public ModelConfig {
        labels = Map.copyOf(labels);
    }

    /** The highest version, without labels or logging. */
    public static ModelConfig latest(String name, Path basePath) {
        return new ModelConfig(name, basePath, new VersionPolicy.Latest(1), Map.of(), RequestLogging.OFF);
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
