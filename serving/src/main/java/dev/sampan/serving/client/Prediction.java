package dev.sampan.serving.client;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.data.Dataset;
import dev.sampan.models.data.Picture;
import dev.sampan.models.data.Split;
import dev.sampan.models.network.Backpropagation;
import dev.sampan.serving.client.Inputs.Input;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** Sends rows to a model server and prints its answers, small grey images drawn beside them. */
public final class Prediction {
    private static final int MAX_DRAWN_WIDTH = 32;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PredictionOptions options;
    private final Inputs inputs;
    private final PrintStream out;

    private Prediction(PredictionOptions options, InputStream in, PrintStream out) {
        this.options = options;
        this.inputs = new Inputs(options, in);
        this.out = out;
    }

    /** Runs the program without standard input; see {@link #run(PredictionOptions, InputStream, PrintStream)}. */
    public static int run(PredictionOptions options, PrintStream out) {
        return run(options, InputStream.nullInputStream(), out);
    }

    /**
     * Runs the program; problems are printed.
     *
     * @param in standard input
     * @return 0, or 1 if a row could not be predicted
     */
    public static int run(PredictionOptions options, InputStream in, PrintStream out) {
        try {
            new Prediction(options, in, out).run();
            return 0;
        } catch (IOException | DataException e) {
            out.println("error: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private void run() throws IOException, InterruptedException {
        try (var client = new PredictClient(options.server(), options.model(), options.host(), options.timeout())) {
            if (options.reading().explain()) {
                client.explainTo((parts, nanos) -> Explanation.print(parts, nanos, out));
            }
            if (options.inputs().isEmpty()) {
                predictRows(client);
            } else {
                predictInputs(client);
            }
        }
    }

    private void predictRows(PredictClient client) throws IOException, InterruptedException {
        var rows = some(DataSource.open(options.data()).heldOut());
        var values = IntStream.range(0, rows.rows()).mapToObj(rows::row).toArray(float[][]::new);
        var scores = client.predict(values);
        int right = 0;
        for (int i = 0; i < scores.length; i++) {
            int best = Backpropagation.argMax(scores[i], 0, scores[i].length);
            right += best == rows.labels()[i] ? 1 : 0;
            var truth = rows.classes().get(rows.labels()[i]);
            var shape = rows.sampleShape();
            print(
                    values[i],
                    shape.size() == 2 ? shape.get(1) : Integer.MAX_VALUE,
                    1 / rows.scaling().factor()[0],
                    List.of(answer(rows.classes(), scores[i], best), "the label says " + truth));
        }
        out.println(right + " of " + scores.length + " right");
    }

    private Dataset some(Dataset heldOut) {
        int[] order = Split.shuffle(
                IntStream.range(0, heldOut.rows()).toArray(),
                new SplittableRandom(options.data().seed()));
        return heldOut.rows(IntStream.of(order).limit(options.count()).toArray());
    }

    private void predictInputs(PredictClient client) throws IOException, InterruptedException {
        for (var file : options.inputs()) {
            switch (inputs.read(file)) {
                case Input.Request(var body) -> print(client.predict(body));
                case Input.Rows(var rows) -> predict(client, rows);
                case Input.Picture picture -> predict(client, file, picture);
            }
        }
    }

    private void predict(PredictClient client, List<float[]> rows) throws IOException, InterruptedException {
        if (options.reading().json()) {
            var body = JSON.createObjectNode();
            rows.forEach(row -> addRow(body.withArray("instances").addArray(), row));
            print(client.predict(body));
            return;
        }
        for (var scores : client.predict(rows.toArray(float[][]::new))) {
            out.println(answer(scores));
        }
    }

    private static void addRow(ArrayNode array, float[] row) {
        for (float value : row) {
            array.add(value);
        }
    }

    private void predict(PredictClient client, Path file, Input.Picture picture)
            throws IOException, InterruptedException {
        if (options.reading().json()) {
            predict(client, List.of(picture.pixels()));
            return;
        }
        var scores = client.predict(new float[][] {picture.pixels()})[0];
        var format = picture.format();
        int width = format.channels() == 1 ? format.width() : Integer.MAX_VALUE;
        print(picture.pixels(), width, picture.maximum(), List.of(file + ": " + answer(scores)));
    }

    /** The server's answer to a request that was given as JSON: sentences where it has scores of classes. */
    private void print(JsonNode answer) {
        var predictions = answer.path("predictions");
        boolean scores = predictions.isArray()
                && predictions
                        .valueStream()
                        .allMatch(p ->
                                p.isArray() && p.size() > 1 && p.valueStream().allMatch(JsonNode::isNumber));
        if (options.reading().json() || !scores) {
            out.println(answer.toPrettyString());
            return;
        }
        for (var prediction : predictions) {
            var values = new float[prediction.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) prediction.get(i).asDouble();
            }
            out.println(answer(values));
        }
    }

    private String answer(float[] scores) {
        return answer(inputs.classes(scores.length), scores, Backpropagation.argMax(scores, 0, scores.length));
    }

    private static String answer(List<String> classes, float[] scores, int best) {
        var name = best < classes.size() ? classes.get(best) : "class " + best;
        return String.format(Locale.ROOT, "it is %s (%.1f %%)", name, 100 * scores[best]);
    }

    private void print(float[] row, int width, float maximum, List<String> texts) {
        var picture = new ArrayList<String>();
        if (width <= MAX_DRAWN_WIDTH) {
            picture.addAll(Picture.lines(row, width, maximum));
        }
        int first = Math.max(0, (picture.size() - texts.size()) / 2);
        for (int i = 0; i < Math.max(picture.size(), texts.size()); i++) {
            var text = i >= first && i - first < texts.size() ? "  " + texts.get(i - first) : "";
            var line = ((i < picture.size() ? picture.get(i) : "") + text).stripTrailing();
            out.println(picture.isEmpty() ? line.stripLeading() : line);
        }
        out.println();
    }
}
