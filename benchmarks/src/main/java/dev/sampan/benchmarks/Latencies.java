package dev.sampan.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * What a run measured.
 *
 * @param nanos how long each operation took, ascending
 * @param took how long the run took
 */
record Latencies(long[] nanos, Duration took) {

    static Latencies of(List<long[]> parts, Duration took) {
        var all = parts.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Latencies(all, took);
    }

    double perSecond() {
        return nanos.length / (took.toNanos() / 1e9);
    }

    /** @param share such as 0.99 */
    double millis(double share) {
        return nanos.length == 0
                ? Double.NaN
                : nanos[(int) Math.min(nanos.length - 1, (long) (nanos.length * share))] / 1e6;
    }

    /** The run with the median throughput. */
    static Latencies median(List<Latencies> runs) {
        var sorted = runs.stream()
                .sorted((a, b) -> Double.compare(a.perSecond(), b.perSecond()))
                .toList();
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public String toString() {
        return "%,.0f/s (p50 %.2f ms, p99 %.2f ms)".formatted(perSecond(), millis(0.5), millis(0.99));
    }
}
