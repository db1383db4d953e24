package dev.sampan.serving.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/** Counts of values in exponential buckets: {@code scale * growth^i}, as TensorFlow Serving's. Thread-safe. */
public final class Histogram {
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

    /** Microseconds from 10 on, in steps as TensorFlow Serving has them. */
    static Histogram latency() {
        return new Histogram(10, 1.8, 33);
    }

    void add(double value) {
        int at = Arrays.binarySearch(bounds, value);
        counts.incrementAndGet(at < 0 ? -at - 1 : at);
        sum.add(value);
    }

    /** Upper bounds of all buckets but the last, which has none. */
    public double[] bounds() {
        return bounds.clone();
    }

    /** Values in each bucket. */
    public long[] counts() {
        var copy = new long[counts.length()];
        Arrays.setAll(copy, counts::get);
        return copy;
    }

    /** The bound below which the given share of the values lies; 0 if there are none, infinity in the last bucket. */
    public double quantile(double share) {
        long[] now = counts();
        long total = Arrays.stream(now).sum();
        long seen = 0;
        for (int i = 0; i < now.length; i++) {
            seen += now[i];
            if (total > 0 && seen >= share * total) {
                return i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY;
            }
        }
        return 0;
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
