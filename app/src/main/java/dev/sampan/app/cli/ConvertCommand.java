package dev.sampan.app.cli;

import dev.sampan.models.Conversion;
import dev.sampan.models.ConversionOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "convert",
        description = {
            "Convert a trained model to ONNX, and check that ONNX Runtime predicts what the trainer predicts.",
            "A model that differs by more than the tolerance is not written."
        },
        footer = {"", "Example:  sampan convert --in model --out models/digits/1/model.onnx"},
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ConvertCommand implements Callable<Integer> {

    @Option(names = "--in", paramLabel = "DIR", required = true, description = "Folder of a trained model.")
    private Path in = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "PATH",
            required = true,
            description = "An .onnx file, or a model's folder in which the next version is made.")
    private Path out = Path.of("");

    @Option(
            names = "--tolerance",
            defaultValue = "" + ConversionOptions.DEFAULT_TOLERANCE,
            description = "Largest difference of a probability that is accepted (default: ${DEFAULT-VALUE}).")
    private double tolerance;

    @Override
    public Integer call() {
        return Conversion.run(new ConversionOptions(in, out, tolerance), System.out);
    }
}
