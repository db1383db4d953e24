package dev.sampan.apiserver;

import java.util.concurrent.atomic.LongAdder;

/** How long something took, in buckets. Thread-safe. */
final class DurationHistogram {

    private final double[] bounds;
    private final LongAdder[] buckets;
    private final LongAdder nanos = new LongAdder();

    /** @param bounds upper bounds of the buckets in seconds, rising; not to be changed */
    DurationHistogram(double[] bounds) {
        this.bounds = bounds;
        this.buckets = new LongAdder[bounds.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    void record(long elapsedNanos) {
        double seconds = elapsedNanos / 1e9;
        int i = 0;
        while (i < bounds.length && seconds > bounds[i]) {
            i++;
        }
        buckets[i].increment();
        nanos.add(elapsedNanos);
    }

    long count() {
        long sum = 0;
        for (var bucket : buckets) {
            sum += bucket.sum();
        }
        return sum;
    }

    void write(MetricsText out, String name, String labels) {
        long sum = 0;
        for (int i = 0; i <= bounds.length; i++) {
            sum += buckets[i].sum();
            var bound = i == bounds.length ? "+Inf" : number(bounds[i]);
            out.line(name + "_bucket", labels + ",le=\"" + bound + '"', sum);
        }
        out.line(name + "_sum", labels, nanos.sum() / 1e9);
        out.line(name + "_count", labels, sum);
    }

    private static String number(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
