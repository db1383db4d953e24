package dev.sampan.models;

import dev.sampan.models.data.DataOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to evaluate.
 *
 * @param model an ONNX file, the folder of a trained model, a version folder, or a folder of versions (the highest counts)
 * @param data on whose held-out rows
 * @param minAccuracy below this the evaluation fails; 0 accepts anything
 * @param report file for a JSON report, or null
 */
public record EvaluationOptions(
        Path model,
        DataOptions data,
        double minAccuracy,
        @Nullable Path report) {}
