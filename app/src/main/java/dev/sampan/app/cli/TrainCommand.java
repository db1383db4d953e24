package dev.sampan.app.cli;

import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.network.Optimizer;
import dev.sampan.models.parallel.Timeouts;
import dev.sampan.models.train.FitOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "train",
        description = {
            "Train a classifier.",
            "Where TF_CONFIG names several workers, all train one model together, averaging their gradients after every step."
        },
        footer = {"", "Example:  sampan train --data digits --epochs 30 --out model"},
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Callable<Integer> {

    /** The network's form. */
    enum Model {
        SOFTMAX,
        MLP
    }

    @Mixin
    private DataSelection data = new DataSelection();

    @Option(
            names = "--model",
            defaultValue = "mlp",
            description = "${COMPLETION-CANDIDATES}: softmax regression or a multi-layer perceptron (default: mlp).")
    private Model model = Model.MLP;

    @Option(
            names = "--hidden",
            split = ",",
            paramLabel = "N",
            description = "Width of each hidden layer of the perceptron (default: 128).")
    private List<Integer> hidden = TrainingOptions.MLP;

    @Option(names = "--epochs", defaultValue = "30", description = "Passes over the data (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch-size",
            defaultValue = "32",
            description = "Rows of one step, over all workers together (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(names = "--optimizer", defaultValue = "adam", description = "${COMPLETION-CANDIDATES} (default: adam).")
    private Optimizer.Kind optimizer = Optimizer.Kind.ADAM;

    @Option(names = "--learning-rate", description = "Default: the optimizer's usual one.")
    private @Nullable Float learningRate;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the first weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--fresh",
            description = "Start anew instead of going on from an interrupted training's checkpoint.")
    private boolean fresh;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the trained model.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        var rate = learningRate == null ? optimizer.usualRate() : learningRate;
        var options = new TrainingOptions(
                data.options(),
                model == Model.SOFTMAX ? List.of() : hidden,
                new FitOptions(epochs, batchSize, optimizer, rate, seed),
                out,
                fresh,
                Timeouts.DEFAULT,
                System.getenv());
        return Training.run(options, System.out);
    }
}
