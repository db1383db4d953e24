package dev.sampan.models.evaluate;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.Dataset;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Backpropagation;
import dev.sampan.models.network.Network;
import dev.sampan.models.onnx.OnnxClassifier;
import java.util.List;

/** Scores classifiers of either format on labelled rows. */
public final class Classifiers {
    private Classifiers() {}

    public static Scores score(TrainedModel model, Dataset rows) {
        return score(model.network().probabilities(rows.features(), rows.rows()), model.classes(), rows);
    }

    public static Scores score(Network network, Dataset rows) {
        return score(network.probabilities(rows.features(), rows.rows()), rows.classes(), rows);
    }

    public static Scores score(OnnxClassifier model, Dataset rows) {
        return score(model.scores(rows.features(), rows.rows()), model.classes(), rows);
    }

    /** The predicted class is the one with the highest score. Classes are matched by name where the model names them. */
    private static Scores score(float[] scores, List<String> modelClasses, Dataset rows) {
        if (rows.rows() == 0) {
            throw new DataException(rows.name() + ": no rows to evaluate on");
        }
        int outputs = scores.length / rows.rows();
        var classes = modelClasses.isEmpty() ? rows.classes() : modelClasses;
        if (outputs != classes.size()) {
            throw new DataException(
                    "the model has " + outputs + " outputs, the data have " + classes.size() + " classes " + classes);
        }
        var labels = new int[rows.rows()];
        var predictions = new int[rows.rows()];
        for (int row = 0; row < labels.length; row++) {
            var name = rows.classes().get(rows.labels()[row]);
            labels[row] = classes.indexOf(name);
            if (labels[row] < 0) {
                throw new DataException("the model does not know class '" + name + "'; its classes are " + classes);
            }
            predictions[row] = Backpropagation.argMax(scores, row * outputs, outputs);
        }
        return Scores.of(classes, labels, predictions);
    }
}
