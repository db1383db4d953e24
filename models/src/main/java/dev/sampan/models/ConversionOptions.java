package dev.sampan.models;

import java.nio.file.Path;

/**
 * What to convert.
 *
 * @param in folder of a trained model
 * @param out a file {@code .../<version>/model.onnx}, or the folder of a served model, in which the next version is made
 * @param tolerance largest difference to the trainer's own predictions that is accepted
 */
public record ConversionOptions(Path in, Path out, double tolerance) {
    public static final double DEFAULT_TOLERANCE = 1e-5;

    public ConversionOptions(Path in, Path out) {
        this(in, out, DEFAULT_TOLERANCE);
    }
}
