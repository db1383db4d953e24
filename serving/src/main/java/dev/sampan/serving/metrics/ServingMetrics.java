package dev.sampan.serving.metrics;

import dev.sampan.serving.error.Code;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The server's counters. Times are in microseconds, as TensorFlow Serving's are. */
public final class ServingMetrics {
    private static final String PREFIX = ":tensorflow:serving:";
    private static final double NANOS_PER_MICRO = 1000;

    private final Map<Count, LongAdder> requests = new ConcurrentHashMap<>();
    private final Map<Api, Histogram> latencies = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> examples = new ConcurrentHashMap<>();
    private final Histogram runs = latency();
    private final Histogram batchSizes = new Histogram(1, 2, 14);
    private final Histogram paddings = new Histogram(1, 2, 14);

    private record Count(String model, Code code) {}

    private record Api(String model, String api, String entryPoint) {}

    private static Histogram latency() {
        return new Histogram(10, 1.8, 33);
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
                .computeIfAbsent(new Api(model, api, entryPoint), key -> latency())
                .add(nanos / NANOS_PER_MICRO);
    }

    /** Counts the rows of a request. */
    public void examples(String model, long rows) {
        examples.computeIfAbsent(model, key -> new LongAdder()).add(rows);
    }

    /** Counts a run of a batch. */
    public void batch(int rows, int paddedRows, long nanos) {
        runs.add(nanos / NANOS_PER_MICRO);
        batchSizes.add(rows);
        if (paddedRows > rows) {
            paddings.add(paddedRows - rows);
        }
    }

    /** All series in Prometheus' text format. */
    public String prometheusText() {
        var text = new StringBuilder();
        type(text, "request_count", "counter");
        var counts = new TreeMap<String, Long>();
        requests.forEach((key, count) ->
                counts.put("model_name=\"" + escape(key.model) + "\",status=\"" + key.code + "\"", count.sum()));
        counts.forEach((labels, count) -> line(text, "request_count", labels, count));
        type(text, "request_latency", "histogram");
        latencies.forEach((key, histogram) -> histogram.write(
                PREFIX + "request_latency",
                "model_name=\"" + escape(key.model) + "\",API=\"" + key.api + "\",entrypoint=\"" + key.entryPoint
                        + "\"",
                text));
        type(text, "request_example_count_total", "counter");
        examples.forEach((model, count) ->
                line(text, "request_example_count_total", "model=\"" + escape(model) + "\"", count.sum()));
        type(text, "runtime_latency", "histogram");
        runs.write(PREFIX + "runtime_latency", "", text);
        type(text, "batching_session:processed_batch_size", "histogram");
        batchSizes.write(PREFIX + "batching_session:processed_batch_size", "", text);
        type(text, "batching_session:padding_size", "histogram");
        paddings.write(PREFIX + "batching_session:padding_size", "", text);
        return text.toString();
    }

    private static void type(StringBuilder text, String name, String type) {
        text.append("# TYPE ")
                .append(PREFIX)
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }

    private static void line(StringBuilder text, String name, String labels, long value) {
        text.append(PREFIX)
                .append(name)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append('\n');
    }

    private static String escape(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
