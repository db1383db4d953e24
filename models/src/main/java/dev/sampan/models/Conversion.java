package dev.sampan.models;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.data.Scaling;
import dev.sampan.models.format.ModelFolders;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.onnx.OnnxClassifier;
import dev.sampan.models.onnx.OnnxWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Converts a trained model to ONNX and lets ONNX Runtime and the trainer predict the same rows; a model that differs by
 * more than the tolerance is not written.
 */
public final class Conversion {
    private static final int RANDOM_ROWS = 512;

    private Conversion() {}

    /**
     * @param file the ONNX file
     * @param difference largest absolute difference of a probability
     * @param rows number of rows compared
     */
    public record Result(Path file, double difference, int rows) {}

    /** Runs the program; problems are printed. Returns one of {@link ExitCodes}. */
    public static int run(ConversionOptions options, PrintStream out) {
        try {
            var result = convert(options);
            out.printf(
                    Locale.ROOT,
                    "converted to %s; largest difference to the trainer's predictions %.2e on %d rows (allowed %.0e)%n",
                    result.file(),
                    result.difference(),
                    result.rows(),
                    options.tolerance());
            return ExitCodes.OK;
        } catch (DataException | IOException e) {
            out.println("error: " + e.getMessage());
            return ExitCodes.FAILED;
        }
    }

    /**
     * Converts, checks, and only then puts the file in place, whole.
     *
     * @throws DataException if the predictions differ by more than the tolerance
     */
    public static Result convert(ConversionOptions options) throws IOException {
        var model = TrainedModel.load(options.in());
        var onnx = OnnxWriter.write(model);
        float[] rows = rows(model);
        int count = rows.length / model.network().inputWidth();
        double difference = difference(model, onnx, rows, count);
        if (!(difference <= options.tolerance())) {
            throw new DataException("the converted model differs from the trainer's predictions by " + difference
                    + ", more than " + options.tolerance() + "; nothing was written");
        }
        var file = options.out().getFileName().toString().endsWith(".onnx")
                ? options.out()
                : ModelFolders.nextVersion(options.out()).resolve("model.onnx");
        ModelFolders.publish(file, onnx);
        return new Result(file, difference, count);
    }

    private static double difference(TrainedModel model, byte[] onnx, float[] rows, int count) {
        float[] expected = model.network().probabilities(rows, count);
        try (var converted = new OnnxClassifier(onnx)) {
            float[] actual = converted.scores(rows, count);
            double largest = actual.length == expected.length ? 0 : Double.POSITIVE_INFINITY;
            for (int i = 0; i < Math.min(actual.length, expected.length); i++) {
                double difference = Math.abs((double) actual[i] - expected[i]);
                largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
            }
            return largest;
        }
    }

    /** Held-out rows where the data can be read here, else random ones in the range that the scaling expects. */
    private static float[] rows(TrainedModel model) {
        try {
            var heldOut = DataSource.open(model.data()).heldOut();
            if (heldOut.width() == model.network().inputWidth() && heldOut.rows() > 0) {
                return heldOut.features();
            }
        } catch (DataException e) {
            // The converter may well run where the data are not; random rows check the arithmetic as well.
        }
        return randomRows(model.network().scaling(), model.network().inputWidth());
    }

    private static float[] randomRows(Scaling scaling, int width) {
        var random = new SplittableRandom(1);
        var rows = new float[RANDOM_ROWS * width];
        boolean uniform = scaling.offset().length == 1;
        for (int i = 0; i < rows.length; i++) {
            int column = uniform ? 0 : i % width;
            double scaled = uniform ? random.nextDouble() : random.nextGaussian();
            float factor = scaling.factor()[column];
            rows[i] = scaling.offset()[column] + (float) (factor == 0 ? 0 : scaled / factor);
        }
        return rows;
    }
}
