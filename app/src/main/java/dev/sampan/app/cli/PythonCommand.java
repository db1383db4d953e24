package dev.sampan.app.cli;

import dev.sampan.models.Training;
import dev.sampan.models.TrainingOptions;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.network.Optimizer;
import dev.sampan.models.parallel.Timeouts;
import dev.sampan.models.train.FitOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/**
 * The program {@code python} of the built-in image {@code tensorflow/tensorflow}. It knows TensorFlow's tutorial
 * {@code mnist_with_summaries.py}, the one that TFJob's own examples run, and trains the same network (one hidden layer of 500, softmax) with
 * our trainer on the digits that are shipped; every other script goes to the host's Python.
 */
@Command(name = "python", hidden = true)
final class PythonCommand implements Callable<Integer> {

    private static final String TUTORIAL = "mnist_with_summaries.py";
    private static final int TUTORIAL_BATCH = 100;
    private static final int TRAINING_ROWS = 1438;
    private static final int HIDDEN = 500;

    @Parameters(index = "0", arity = "0..1", description = "The script.")
    private String script = "";

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        return Path.of(script).endsWith(TUTORIAL) ? tutorial() : hostPython();
    }

    private int tutorial() {
        var steps = Integer.parseInt(option("max_steps", "1000"));
        var rate = Float.parseFloat(option("learning_rate", "0.001"));
        var logDirectory = Path.of(option("log_dir", "/tmp/tensorflow/mnist/logs/mnist_with_summaries"));
        int epochs = Math.max(1, Math.round((float) steps * TUTORIAL_BATCH / TRAINING_ROWS));
        var options = new TrainingOptions(
                DataOptions.of("digits"),
                List.of(HIDDEN),
                new FitOptions(epochs, TUTORIAL_BATCH, Optimizer.Kind.ADAM, rate, 1),
                logDirectory.resolve("model"),
                false,
                Timeouts.DEFAULT,
                System.getenv());
        return Training.run(options, System.out);
    }

    private String option(String name, String otherwise) {
        for (int i = 0; i < arguments.size(); i++) {
            var argument = arguments.get(i);
            if (argument.startsWith("--" + name + "=")) {
                return argument.substring(name.length() + 3);
            }
            if (argument.equals("--" + name) && i + 1 < arguments.size()) {
                return arguments.get(i + 1);
            }
        }
        return otherwise;
    }

    private int hostPython() throws Exception {
        var command = new ArrayList<String>();
        command.add("python3");
        if (!script.isEmpty()) {
            command.add(script);
        }
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (java.io.IOException e) {
            throw new UserError(
                    "This image runs " + TUTORIAL + " itself and other scripts with the host's python3, which is"
                            + " not there: " + e.getMessage() + ". Install Python, or use an image of your own.");
        }
    }
}
