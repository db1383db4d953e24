package dev.sampan.serving.client;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.data.Dataset;
import dev.sampan.models.data.ImageFolder;
import dev.sampan.models.data.Picture;
import dev.sampan.models.data.Scaling;
import dev.sampan.models.data.Split;
import dev.sampan.models.network.Backpropagation;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Sends rows to a model server and prints its answers, small grey images drawn beside them. */
public final class Prediction {
    private static final int MAX_DRAWN_WIDTH = 32;

    private final PredictionOptions options;
    private final PrintStream out;

    private Prediction(PredictionOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Runs the program; problems are printed. Returns 0, or 1 if a row could not be predicted. */
    public static int run(PredictionOptions options, PrintStream out) {
        try {
            new Prediction(options, out).run();
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
            if (options.images().isEmpty()) {
                predictRows(client);
            } else {
                predictImages(client);
            }
        }
    }

    private void predictRows(PredictClient client) throws IOException, InterruptedException {
        var rows = some(DataSource.open(options.data()).heldOut());
        var inputs = IntStream.range(0, rows.rows()).mapToObj(rows::row).toArray(float[][]::new);
        var scores = client.predict(inputs);
        int right = 0;
        for (int i = 0; i < scores.length; i++) {
            int best = Backpropagation.argMax(scores[i], 0, scores[i].length);
            right += best == rows.labels()[i] ? 1 : 0;
            var truth = rows.classes().get(rows.labels()[i]);
            print(rows, inputs[i], List.of(answer(rows, scores[i], best), "the label says " + truth));
        }
        out.println(right + " of " + scores.length + " right");
    }

    private Dataset some(Dataset heldOut) {
        int[] order = Split.shuffle(
                IntStream.range(0, heldOut.rows()).toArray(),
                new SplittableRandom(options.data().seed()));
        return heldOut.rows(IntStream.of(order).limit(options.count()).toArray());
    }

    private void predictImages(PredictClient client) throws IOException, InterruptedException {
        var format = options.data().images();
        var shape = format.channels() == 1
                ? List.of(format.height(), format.width())
                : List.of(format.height(), format.width(), format.channels());
        for (var image : options.images()) {
            var pixels = ImageFolder.pixels(image, format);
            var scores = client.predict(new float[][] {pixels})[0];
            var single = new Dataset("image", pixels, new int[1], shape, List.of(), Scaling.upTo(255));
            int best = Backpropagation.argMax(scores, 0, scores.length);
            print(single, pixels, List.of(image + ": " + answer(single, scores, best)));
        }
    }

    private static String answer(Dataset rows, float[] scores, int best) {
        var name = best < rows.classes().size() ? rows.classes().get(best) : "class " + best;
        return String.format(Locale.ROOT, "it is %s (%.1f %%)", name, 100 * scores[best]);
    }

    private void print(Dataset rows, float[] row, List<String> texts) {
        var shape = rows.sampleShape();
        var picture = new ArrayList<String>();
        if (shape.size() == 2 && shape.get(1) <= MAX_DRAWN_WIDTH) {
            picture.addAll(Picture.lines(row, shape.get(1), 1 / rows.scaling().factor()[0]));
        }
        int first = Math.max(0, (picture.size() - texts.size()) / 2);
        for (int i = 0; i < Math.max(picture.size(), texts.size()); i++) {
            var text = i >= first && i - first < texts.size() ? "  " + texts.get(i - first) : "";
            out.println(((i < picture.size() ? picture.get(i) : "") + text).stripTrailing());
        }
        out.println();
    }
}
