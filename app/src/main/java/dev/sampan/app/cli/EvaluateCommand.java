package dev.sampan.app.cli;

import dev.sampan.models.Evaluation;
import dev.sampan.models.EvaluationOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "evaluate",
        description = "Measure a model on data it was not trained on. Exits with 1 when it is not good enough.",
        footer = {"", "Example:  sampan evaluate --model models/digits --data digits --min-accuracy 0.95"},
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "An ONNX file, a trained model's folder, or a folder of versions (the highest counts).")
    private Path model = Path.of("");

    @Mixin
    private DataSelection data = new DataSelection();

    @Option(
            names = "--min-accuracy",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Fail below this accuracy, such as 0.95 (default: accept any).")
    private double minAccuracy;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the figures as JSON, too.")
    private @Nullable Path report;

    @Override
    public Integer call() {
        return Evaluation.run(new EvaluationOptions(model, data.options(), minAccuracy, report), System.out);
    }
}
