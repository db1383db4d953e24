package dev.sampan.serving.metrics;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.servable.ManagerEvents;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What loading the models took, what it came to, and why it failed. Thread-safe. */
public final class LoadMetrics implements ManagerEvents {
    private static final int MAX_REASON = 200;
    private static final double NANOS_PER_MICRO = 1000;

    private final Map<Outcome, LongAdder> loads = new ConcurrentHashMap<>();
    private final Map<String, Histogram> latencies = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> pagedOut = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> pagedIn = new ConcurrentHashMap<>();
    private final Map<Version, Long> memory = new ConcurrentHashMap<>();
    private final Map<Version, String> errors = new ConcurrentHashMap<>();
    private volatile Map<String, String> unreachable = Map.of();

    private record Outcome(String model, Code code) {}

    private record Version(String model, long version) {
        String labels() {
            return PrometheusText.label("model_name", model) + ",version=\"" + version + "\"";
        }
    }

    @Override
    public void loaded(String model, long version, long bytes, long nanos, boolean again) {
        loads.computeIfAbsent(new Outcome(model, Code.OK), key -> new LongAdder())
                .increment();
        latencies.computeIfAbsent(model, key -> Histogram.latency()).add(nanos / NANOS_PER_MICRO);
        memory.put(new Version(model, version), bytes);
        errors.remove(new Version(model, version));
        if (again) {
            count(pagedIn, model);
        }
    }

    @Override
    public void loadFailed(String model, long version, Code code, String reason) {
        loads.computeIfAbsent(new Outcome(model, code), key -> new LongAdder()).increment();
        errors.put(new Version(model, version), reason);
    }

    @Override
    public void pagedOut(String model, long version) {
        memory.remove(new Version(model, version));
        count(pagedOut, model);
    }

    @Override
    public void unloaded(String model, long version) {
        memory.remove(new Version(model, version));
    }

    @Override
    public void forgotten(String model, long version) {
        errors.remove(new Version(model, version));
    }

    @Override
    public void unreachable(Map<String, String> reasons) {
        unreachable = Map.copyOf(reasons);
    }

    private static void count(Map<String, LongAdder> counts, String model) {
        counts.computeIfAbsent(model, key -> new LongAdder()).increment();
    }

    void write(PrometheusText text) {
        var outcomes = new TreeMap<String, Long>();
        loads.forEach((key, count) -> outcomes.put(
                PrometheusText.label("model_name", key.model) + ",status=\"" + key.code + "\"", count.sum()));
        text.counters("model_load_count", outcomes);
        text.histograms("model_load_latency", "model_name", latencies, histogram -> histogram);
        text.counters("model_page_out_count", byModel(pagedOut));
        text.counters("model_page_in_count", byModel(pagedIn));
        var bytes = new TreeMap<String, Long>();
        memory.forEach((version, size) -> bytes.put(version.labels(), size));
        text.gauges("model_memory_bytes", bytes);
        var reasons = new TreeMap<String, Long>();
        errors.forEach((version, reason) -> reasons.put(version.labels() + "," + reason(reason), 1L));
        text.gauges("model_load_error", reasons);
        var sources = new TreeMap<String, Long>();
        unreachable.forEach(
                (model, reason) -> sources.put(PrometheusText.label("model_name", model) + "," + reason(reason), 1L));
        text.gauges("model_source_error", sources);
    }

    private static String reason(String text) {
        return PrometheusText.label("reason", text.length() > MAX_REASON ? text.substring(0, MAX_REASON) : text);
    }

    private static Map<String, Long> byModel(Map<String, LongAdder> counts) {
        var labelled = new TreeMap<String, Long>();
        counts.forEach((model, count) -> labelled.put(PrometheusText.label("model_name", model), count.sum()));
        return labelled;
    }
}
