package dev.sampan.serving.statuspage;

import dev.sampan.serving.metrics.Histogram;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** A histogram as bars. */
final class Chart {
    private static final int WIDTH = 420;
    private static final int HEIGHT = 110;
    private static final int BASE = 92;
    private static final int TOP = 14;

    private Chart() {}

    /** @param label writes a bucket's upper bound */
    static void draw(Histogram histogram, DoubleFunction<String> label, StringBuilder html) {
        long[] counts = histogram.counts();
        double[] bounds = histogram.bounds();
        int first = 0;
        while (first < counts.length - 1 && counts[first] == 0) {
            first++;
        }
        int last = counts.length - 1;
        while (last > first && counts[last] == 0) {
            last--;
        }
        long highest = Math.max(1, Arrays.stream(counts).max().orElse(1));
        double step = (double) WIDTH / (last - first + 1);
        double thick = Math.min(step * 0.8, 40);
        int every = Math.max(1, (int) Math.ceil(64 / step));
        html.append(String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\">", WIDTH, HEIGHT));
        for (int i = first; i <= last; i++) {
            double height = (double) (BASE - TOP) * counts[i] / highest;
            double middle = (i - first + 0.5) * step;
            var bound = i < bounds.length ? "≤ " + label.apply(bounds[i]) : "more";
            html.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s: %,d</title></rect>",
                    middle - thick / 2,
                    BASE - height,
                    thick,
                    height,
                    bound,
                    counts[i]));
            if ((i - first) % every == 0) {
                html.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                        middle,
                        HEIGHT - 4,
                        bound));
            }
        }
        html.append("</svg>");
    }

    /** Microseconds in a readable unit. */
    static String micros(double micros) {
        if (Double.isInfinite(micros)) {
            return "more";
        }
        if (micros < 1000) {
            return String.format(Locale.ROOT, "%.0f µs", micros);
        }
        return micros < 1e6
                ? String.format(Locale.ROOT, "%.3g ms", micros / 1000)
                : String.format(Locale.ROOT, "%.3g s", micros / 1e6);
    }
}
