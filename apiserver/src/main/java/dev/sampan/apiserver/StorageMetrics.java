package dev.sampan.apiserver;

import dev.sampan.store.RevisionConflictException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Times writes to the store, under the names that dashboards know from etcd. Reads do not leave the memory. Thread-safe. */
public final class StorageMetrics {

    private static final String DURATION = "etcd_request_duration_seconds";
    private static final double[] BUCKETS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };

    private record Key(String labels) {}

    private final Map<Key, DurationHistogram> durations = new ConcurrentHashMap<>();
    private final Map<Key, LongAdder> errors = new ConcurrentHashMap<>();

    /**
     * Does a write and times it.
     *
     * @param operation {@code create}, {@code update} or {@code delete}
     * @param key of the object, {@code /registry/GROUP/RESOURCE/…}
     */
    public <T> T timed(String operation, String key, Supplier<T> write) {
        var parts = key.split("/", 5);
        var resource = parts.length < 4 ? "" : parts[3];
        var group = parts.length < 4 || parts[2].equals("core") ? "" : parts[2];
        var what = new Key(MetricsText.labels("group", group, "operation", operation, "resource", resource));
        long start = System.nanoTime();
        try {
            return write.get();
        } catch (RevisionConflictException somebodyElseWasFaster) {
            throw somebodyElseWasFaster;
        } catch (RuntimeException e) {
            errors.computeIfAbsent(what, k -> new LongAdder()).increment();
            throw e;
        } finally {
            durations.computeIfAbsent(what, k -> new DurationHistogram(BUCKETS)).record(System.nanoTime() - start);
        }
    }

    void write(MetricsText out) {
        out.head(DURATION, "histogram", "Etcd request latency in seconds for each operation and object type.");
        durations.forEach((key, histogram) -> histogram.write(out, DURATION, key.labels));
        out.head("etcd_requests_total", "counter", "Etcd request counts for each operation and object type.");
        durations.forEach((key, histogram) -> out.line("etcd_requests_total", key.labels, histogram.count()));
        out.head(
                "etcd_request_errors_total",
                "counter",
                "Etcd failed request counts for each operation and object type.");
        errors.forEach((key, count) -> out.line("etcd_request_errors_total", key.labels, count.sum()));
    }
}
