package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.MetricsText;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntFunction;

/** Counts what was let in and what was refused, with Kubernetes' names. Thread-safe. */
final class FlowMetrics {

    private static final String PREFIX = "apiserver_flowcontrol_";

    private record Key(String schema, String level) {
        String labels() {
            return MetricsText.labels("flow_schema", schema, "priority_level", level);
        }
    }

    /** Of one flow schema. */
    static final class Counts {
        private final LongAdder dispatched = new LongAdder();
        private final Map<String, LongAdder> rejected = new ConcurrentHashMap<>();

        void dispatched() {
            dispatched.increment();
        }

        /** @param reason {@code queue-full}, {@code time-out} or {@code concurrency-limit} */
        void rejected(String reason) {
            rejected.computeIfAbsent(reason, r -> new LongAdder()).increment();
        }
    }

    private final Map<Key, Counts> counts = new ConcurrentHashMap<>();

    Counts of(String schema, String level) {
        return counts.computeIfAbsent(new Key(schema, level), k -> new Counts());
    }

    void write(MetricsText out, SortedMap<String, PriorityLevel> levels, ToIntFunction<PriorityLevel> waiting) {
        head(
                out,
                "dispatched_requests_total",
                "counter",
                "Number of requests executed by API Priority and Fairness subsystem");
        counts.forEach((k, c) -> out.line(PREFIX + "dispatched_requests_total", k.labels(), c.dispatched.sum()));
        head(
                out,
                "rejected_requests_total",
                "counter",
                "Number of requests rejected by API Priority and Fairness subsystem");
        counts.forEach((k, c) -> c.rejected.forEach((reason, count) ->
                out.line(PREFIX + "rejected_requests_total", k.labels() + ",reason=\"" + reason + '"', count.sum())));
        head(
                out,
                "current_executing_seats",
                "gauge",
                "Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage"
                        + " otherwise) requests in the API Priority and Fairness subsystem");
        levels.forEach((name, level) -> gauge(out, "current_executing_seats", name, level.used.get()));
        head(
                out,
                "current_inqueue_requests",
                "gauge",
                "Number of requests currently pending in queues of the API Priority and Fairness subsystem");
        levels.forEach((name, level) -> gauge(out, "current_inqueue_requests", name, waiting.applyAsInt(level)));
        head(
                out,
                "nominal_limit_seats",
                "gauge",
                "Nominal number of execution seats configured for each priority level");
        levels.forEach((name, level) ->
                gauge(out, "nominal_limit_seats", name, level.limits().seats()));
    }

    private static void head(MetricsText out, String name, String type, String help) {
        out.head(PREFIX + name, type, help);
    }

    private static void gauge(MetricsText out, String name, String level, int value) {
        out.line(PREFIX + name, MetricsText.labels("priority_level", level), value);
    }
}
