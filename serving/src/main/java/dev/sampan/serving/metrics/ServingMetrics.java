package dev.sampan.serving.metrics;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.tensor.Timings;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** The server's counters. Times are in microseconds, as TensorFlow Serving's are. */
public final class ServingMetrics {
    private static final double NANOS_PER_MICRO = 1000;

    private final InstantSource clock;
    private final Map<Count, LongAdder> requests = new ConcurrentHashMap<>();
    private final Map<Api, Histogram> latencies = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> logged = new ConcurrentHashMap<>();
    private final Map<String, Load> models = new ConcurrentSkipListMap<>();
    private final Map<Version, VersionStatistics> versions = new ConcurrentHashMap<>();
    private final Histogram warmUps = Histogram.latency();
    private final LongAdder warmUpRecords = new LongAdder();
    private final LoadMetrics loads = new LoadMetrics();

    private record Count(String model, Code code) {}

    private record Api(String model, String api, String entryPoint) {}

    private record Version(String model, long version) {}

    /** What a model has to do, over all its versions. */
    public static final class Load {
        final LongAdder examples = new LongAdder();
        final Histogram exampleCounts = sizes();
        final Histogram requests = Histogram.latency();
        final Histogram runs = Histogram.latency();
        final Histogram queued = Histogram.latency();
        final Histogram batches = sizes();
        final Histogram paddings = sizes();
        final LongAdder executions = new LongAdder();

        /** Time of requests from their check to their outputs, in microseconds. */
        public Histogram requests() {
            return requests;
        }

        /** Rows of the batches that ran. */
        public Histogram batches() {
            return batches;
        }
    }

    public ServingMetrics(InstantSource clock) {
        this.clock = clock;
    }

    private static Histogram sizes() {
        return new Histogram(1, 2, 14);
    }

    /**
     * Counts a finished request.
     *
     * @param model a model that the server knows: every name makes a new series
     * @param api what was asked for, such as {@code Predict}
     * @param entryPoint {@code REST} or {@code GRPC}
     */
    public void request(String model, String api, String entryPoint, Code code, long nanos) {
        requests.computeIfAbsent(new Count(model, code), key -> new LongAdder()).increment();
        latencies
                .computeIfAbsent(new Api(model, api, entryPoint), key -> Histogram.latency())
                .add(nanos / NANOS_PER_MICRO);
    }

    /** Counts an inference: rows of one request, and how they ran. */
    public void inferred(String model, long version, long rows, Timings timings, long nanos) {
        var load = load(model);
        load.examples.add(rows);
        load.exampleCounts.add(rows);
        load.requests.add(nanos / NANOS_PER_MICRO);
        load.queued.add(timings.queueNanos() / NANOS_PER_MICRO);
        if (timings.executions() > 0) {
            load.executions.add(timings.executions());
            load.runs.add(timings.runNanos() / NANOS_PER_MICRO / timings.executions());
            load.batches.add(timings.batchRows());
            if (timings.paddedRows() > timings.batchRows()) {
                load.paddings.add(timings.paddedRows() - timings.batchRows());
            }
        }
        statistics(model, version).succeeded(clock.instant(), rows, timings, nanos);
    }

    /** Counts an inference that failed. */
    public void failed(String model, long version, long nanos) {
        statistics(model, version).failed(clock.instant(), nanos);
    }

    /** Counts a request that was recorded in a log. */
    public void logged(String model) {
        logged.computeIfAbsent(model, key -> new LongAdder()).increment();
    }

    /** Counts the warm-up of a version. */
    public void warmedUp(int records, long nanos) {
        warmUpRecords.add(records);
        warmUps.add(nanos / NANOS_PER_MICRO);
    }

    /** Loads and unloads. */
    public LoadMetrics loads() {
        return loads;
    }

    /** What a version has done; all zero if nothing. */
    public VersionStatistics statistics(String model, long version) {
        return versions.computeIfAbsent(new Version(model, version), key -> new VersionStatistics());
    }

    /** What a model has to do. */
    public Load load(String model) {
        return models.computeIfAbsent(model, key -> new Load());
    }

    /** Requests of a model by how they ended. */
    public Map<Code, Long> requests(String model) {
        var counts = new TreeMap<Code, Long>();
        requests.forEach((key, count) -> {
            if (key.model.equals(model)) {
                counts.put(key.code, count.sum());
            }
        });
        return counts;
    }

    /** All series in Prometheus' text format. */
    public String prometheusText() {
        var text = new PrometheusText();
        var counts = new TreeMap<String, Long>();
        requests.forEach((key, count) -> counts.put(
                PrometheusText.label("model_name", key.model) + ",status=\"" + key.code + "\"", count.sum()));
        text.counters("request_count", counts);
        text.type("request_latency", "histogram");
        latencies.forEach((key, histogram) -> text.histogram(
                "request_latency",
                PrometheusText.label("model_name", key.model) + ",API=\"" + key.api + "\",entrypoint=\""
                        + key.entryPoint + "\"",
                histogram));
        var examples = new TreeMap<String, Long>();
        var runs = new TreeMap<String, Long>();
        models.forEach((model, load) -> {
            examples.put(PrometheusText.label("model", model), load.examples.sum());
            runs.put(PrometheusText.label("model_name", model), load.executions.sum());
        });
        text.counters("request_example_count_total", examples);
        text.histograms("request_example_counts", "model", models, load -> load.exampleCounts);
        text.histograms("runtime_latency", "model_name", models, load -> load.runs);
        text.histograms("batching_session:queuing_latency", "model_name", models, load -> load.queued);
        text.counters("batching_session:wrapped_run_count", runs);
        text.histograms("batching_session:input_batch_size", "model_name", models, load -> load.exampleCounts);
        text.histograms("batching_session:processed_batch_size", "model_name", models, load -> load.batches);
        text.histograms("batching_session:padding_size", "model_name", models, load -> load.paddings);
        var logs = new TreeMap<String, Long>();
        logged.forEach((model, count) -> logs.put(PrometheusText.label("model_name", model), count.sum()));
        text.counters("request_log_count", logs);
        text.counters("model_warmup_records_read", Map.of("", warmUpRecords.sum()));
        text.type("model_warmup_latency", "histogram");
        text.histogram("model_warmup_latency", "", warmUps);
        loads.write(text);
        return text.toString();
    }
}
