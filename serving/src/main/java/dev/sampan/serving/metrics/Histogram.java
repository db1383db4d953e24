package dev.sampan.serving.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/** Counts of values in exponential buckets: {@code scale * growth^i}, as TensorFlow Serving's. */
final class Histogram {
    private final double[] bounds;
    private final AtomicLongArray counts;
    private final DoubleAdder sum = new DoubleAdder();

    Histogram(double scale, double growth, int buckets) {
        bounds = new double[buckets - 1];
        double bound = scale;
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = bound;
            bound *= growth;
        }
        counts = new AtomicLongArray(buckets);
    }

    void add(double value) {
        int i = 0;
        while (i < bounds.length && value > bounds[i]) {
            i++;
        }
        counts.incrementAndGet(i);
        sum.add(value);
    }

    /** Prometheus' lines: cumulative buckets, sum and count. */
    void write(String name, String labels, StringBuilder text) {
        long total = 0;
        var separator = labels.isEmpty() ? "" : ",";
        for (int i = 0; i <= bounds.length; i++) {
            total += counts.get(i);
            text.append(name)
                    .append("_bucket{")
                    .append(labels)
                    .append(separator)
                    .append("le=\"");
            text.append(i < bounds.length ? Double.toString(bounds[i]) : "+Inf");
            text.append("\"} ").append(total).append('\n');
        }
        text.append(name)
                .append("_sum{")
                .append(labels)
                .append("} ")
                .append(sum.sum())
                .append('\n');
        text.append(name)
                .append("_count{")
                .append(labels)
                .append("} ")
                .append(total)
                .append('\n');
    }
}
