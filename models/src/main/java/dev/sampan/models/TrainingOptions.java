package dev.sampan.models;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.parallel.Timeouts;
import dev.sampan.models.train.FitOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to train.
 *
 * @param data on which rows
 * @param hiddenLayers width of each hidden layer; none makes softmax regression
 * @param fit how
 * @param out folder for the model (and, while training, its checkpoint)
 * @param fresh forget the checkpoint of an interrupted training instead of going on with it
 * @param timeouts how long to wait for other workers
 * @param environment environment variables: TF_CONFIG, POD_IP
 */
public record TrainingOptions(
        DataOptions data,
        List<Integer> hiddenLayers,
        FitOptions fit,
        Path out,
        boolean fresh,
        Timeouts timeouts,
        Map<String, String> environment) {

    /** Hidden layers of the multi-layer perceptron that digits need. */
    public static final List<Integer> MLP = List.of(128);

    public TrainingOptions {
        hiddenLayers = List.copyOf(hiddenLayers);
        environment = Map.copyOf(environment);
    }

    /** An MLP with usual settings, alone. */
    public static TrainingOptions of(String data, Path out) {
        return new TrainingOptions(
                DataOptions.of(data), MLP, FitOptions.usual(), out, false, Timeouts.DEFAULT, Map.of());
    }

    public TrainingOptions with(FitOptions other) {
        return new TrainingOptions(data, hiddenLayers, other, out, fresh, timeouts, environment);
    }

    public TrainingOptions with(Map<String, String> otherEnvironment) {
        return new TrainingOptions(data, hiddenLayers, fit, out, fresh, timeouts, otherEnvironment);
    }
}
