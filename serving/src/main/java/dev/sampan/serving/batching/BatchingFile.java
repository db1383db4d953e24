package dev.sampan.serving.batching;

import com.google.protobuf.Int64Value;
import com.google.protobuf.TextFormat;
import dev.sampan.serving.proto.BatchingParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The file of {@code --batching_parameters_file}, with TensorFlow Serving's defaults for what it does not say. */
public final class BatchingFile {
    private BatchingFile() {}

    /** @throws IllegalArgumentException if it cannot be read or makes no sense */
    public static BatchOptions read(Path file) {
        var parameters = BatchingParameters.newBuilder();
        try {
            TextFormat.merge(Files.readString(file), parameters);
        } catch (IOException e) {
            throw new IllegalArgumentException("batching parameters " + file + " cannot be read: " + e.getMessage(), e);
        }
        int maxRows = or(parameters.getMaxBatchSize(), parameters.hasMaxBatchSize(), 1000);
        int batches = or(parameters.getMaxEnqueuedBatches(), parameters.hasMaxEnqueuedBatches(), 10);
        int processors = Runtime.getRuntime().availableProcessors();
        long micros = parameters.getBatchTimeoutMicros().getValue();
        return new BatchOptions(
                maxRows,
                Duration.ofNanos(1000 * Math.max(0, micros)),
                Math.multiplyExact(maxRows, batches),
                or(parameters.getNumBatchThreads(), parameters.hasNumBatchThreads(), processors),
                parameters.getAllowedBatchSizesList().stream()
                        .map(Math::toIntExact)
                        .toList(),
                parameters.getPadVariableLengthInputs(),
                Duration.ZERO,
                Duration.ofDays(1));
    }

    private static int or(Int64Value value, boolean given, int otherwise) {
        return given ? Math.toIntExact(value.getValue()) : otherwise;
    }
}
