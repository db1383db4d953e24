package dev.sampan.models;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.data.Dataset;
import dev.sampan.models.evaluate.Classifiers;
import dev.sampan.models.evaluate.ScoreTable;
import dev.sampan.models.evaluate.Scores;
import dev.sampan.models.format.AtomicFiles;
import dev.sampan.models.format.ModelFolders;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.onnx.OnnxClassifier;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Evaluates a classifier on held-out rows and refuses one that is not good enough. */
public final class Evaluation {
    private Evaluation() {}

    /** @param passed whether the accuracy reaches the threshold */
    public record Result(Scores scores, boolean passed) {}

    /** Runs the program; problems are printed. A model below the threshold ends it with {@link ExitCodes#FAILED}. */
    public static int run(EvaluationOptions options, PrintStream out) {
        try {
            var result = evaluate(options);
            var scores = result.scores();
            out.print(ScoreTable.render(scores));
            out.printf(Locale.ROOT, "%naccuracy %.4f on %d held-out rows", scores.accuracy(), scores.rows());
            if (options.minAccuracy() > 0) {
                out.printf(
                        Locale.ROOT,
                        result.passed() ? " (at least %.4f is asked for)" : ": REFUSED, at least %.4f is asked for",
                        options.minAccuracy());
            }
            out.println();
            return result.passed() ? ExitCodes.OK : ExitCodes.FAILED;
        } catch (IllegalArgumentException e) {
            out.println("error: " + e.getMessage());
            return ExitCodes.USAGE;
        } catch (DataException | IOException e) {
            out.println("error: " + e.getMessage());
            return ExitCodes.FAILED;
        }
    }

    /** Evaluates and writes the report. */
    public static Result evaluate(EvaluationOptions options) throws IOException {
        var rows = DataSource.open(options.data()).heldOut();
        var model = resolve(options.model());
        var scores = score(model, rows);
        var result = new Result(scores, scores.accuracy() >= options.minAccuracy());
        if (options.report() != null) {
            var json = JsonMapper.shared().writerWithDefaultPrettyPrinter();
            AtomicFiles.write(options.report(), json.writeValueAsBytes(report(options, model, result)));
        }
        return result;
    }

    private static Scores score(Path model, Dataset rows) throws IOException {
        if (Files.isDirectory(model)) {
            return Classifiers.score(TrainedModel.load(model), rows);
        }
        try (var onnx = new OnnxClassifier(Files.readAllBytes(model))) {
            return Classifiers.score(onnx, rows);
        }
    }

    private static Path resolve(Path model) throws IOException {
        if (!Files.exists(model)) {
            throw new DataException("no model at '" + model + "'");
        }
        if (!Files.isDirectory(model) || Files.exists(model.resolve(TrainedModel.FILE))) {
            return model;
        }
        if (Files.exists(model.resolve("model.onnx"))) {
            return model.resolve("model.onnx");
        }
        try (var versions = Files.list(model)) {
            return versions.filter(version -> ModelFolders.version(version) >= 0)
                    .max(Comparator.comparingLong(ModelFolders::version))
                    .map(version -> version.resolve("model.onnx"))
                    .filter(Files::exists)
                    .orElseThrow(() -> new DataException("no model in " + model
                            + ": expected model.onnx, model.json, or version folders with a model.onnx"));
        }
    }

    private static ObjectNode report(EvaluationOptions options, Path model, Result result) {
        var scores = result.scores();
        var json = JsonNodeFactory.instance.objectNode();
        json.put("model", model.toString());
        json.put("data", options.data().source());
        json.put("rows", scores.rows());
        json.put("accuracy", scores.accuracy());
        json.put("minAccuracy", options.minAccuracy());
        json.put("passed", result.passed());
        var classes = json.putArray("classes");
        for (int i = 0; i < scores.classes().size(); i++) {
            classes.addObject()
                    .put("name", scores.classes().get(i))
                    .put("precision", scores.precision(i))
                    .put("recall", scores.recall(i))
                    .put("f1", scores.f1(i))
                    .put("rows", scores.actual(i));
        }
        var matrix = json.putArray("confusion");
        for (int[] counts : scores.confusion()) {
            var row = matrix.addArray();
            Arrays.stream(counts).forEach(row::add);
        }
        return json;
    }
}
