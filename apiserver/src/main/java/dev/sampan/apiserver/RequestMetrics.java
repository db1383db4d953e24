package dev.sampan.apiserver;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times requests, and writes them with Kubernetes' names in Prometheus' text format. Thread-safe. */
final class RequestMetrics {

    private static final double[] BUCKETS = {0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 5, 10, 30, 60};

    /** Callers choose what they ask for, even what does not exist: their number must not fill the memory. */
    private static final int MAX_SERIES = 10_000;

    private record Request(String verb, String group, String version, String resource, String subresource, int code) {}

    private record Timed(String verb, String group, String version, String resource, String subresource) {}

    private static final class Histogram {
        private final LongAdder[] buckets = new LongAdder[BUCKETS.length + 1];
        private final LongAdder nanos = new LongAdder();

        Histogram() {
            for (int i = 0; i < buckets.length; i++) {
                buckets[i] = new LongAdder();
            }
        }

        void record(long elapsed) {
            double seconds = elapsed / 1e9;
            int i = 0;
            while (i < BUCKETS.length && seconds > BUCKETS[i]) {
                i++;
            }
            buckets[i].increment();
            nanos.add(elapsed);
        }
    }

    private final Map<Request, LongAdder> requests = new ConcurrentHashMap<>();
    private final Map<Timed, Histogram> durations = new ConcurrentHashMap<>();
    private final LongAdder inFlight = new LongAdder();

    void started() {
        inFlight.increment();
    }

    /** @param nanos until the answer was ready; of a watch, until it began */
    void finished(Attributes a, int code, long nanos) {
        inFlight.decrement();
        if (requests.size() >= MAX_SERIES) {
            return;
        }
        var verb = a.verb().toUpperCase(Locale.ROOT);
        requests.computeIfAbsent(
                        new Request(verb, a.group(), a.version(), a.resource(), a.subresource(), code),
                        r -> new LongAdder())
                .increment();
        if (a.isResourceRequest()) {
            durations
                    .computeIfAbsent(
                            new Timed(verb, a.group(), a.version(), a.resource(), a.subresource()),
                            t -> new Histogram())
                    .record(nanos);
        }
    }

    /** @param objects stored objects by resource */
    byte[] write(int watchers, Map<GroupResource, Long> objects) {
        var out = new StringBuilder(16 * 1024);
        head(out, "apiserver_request_total", "counter", "Requests by verb, resource and response code.");
        requests.forEach((r, count) -> line(
                out,
                "apiserver_request_total",
                labels(r.verb, r.group, r.version, r.resource, r.subresource) + ",code=\"" + r.code + '"',
                count.sum()));
        head(out, "apiserver_request_duration_seconds", "histogram", "Seconds until requests were answered.");
        durations.forEach((t, histogram) ->
                histogram(out, labels(t.verb, t.group, t.version, t.resource, t.subresource), histogram));
        head(out, "apiserver_current_inflight_requests", "gauge", "Requests that are being answered.");
        line(out, "apiserver_current_inflight_requests", "", inFlight.sum());
        head(out, "apiserver_longrunning_requests", "gauge", "Watches that run.");
        line(out, "apiserver_longrunning_requests", "verb=\"WATCH\"", watchers);
        head(out, "apiserver_storage_objects", "gauge", "Stored objects by resource.");
        new TreeMap<String, Long>(named(objects))
                .forEach((name, count) -> line(out, "apiserver_storage_objects", "resource=\"" + name + '"', count));
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Long> named(Map<GroupResource, Long> objects) {
        var result = new TreeMap<String, Long>();
        objects.forEach((resource, count) -> result.put(resource.toString(), count));
        return result;
    }

    private static void histogram(StringBuilder out, String labels, Histogram histogram) {
        long sum = 0;
        for (int i = 0; i <= BUCKETS.length; i++) {
            sum += histogram.buckets[i].sum();
            var bound = i < BUCKETS.length ? Double.toString(BUCKETS[i]) : "+Inf";
            line(out, "apiserver_request_duration_seconds_bucket", labels + ",le=\"" + bound + '"', sum);
        }
        out.append("apiserver_request_duration_seconds_sum{")
                .append(labels)
                .append("} ")
                .append(histogram.nanos.sum() / 1e9)
                .append('\n');
        line(out, "apiserver_request_duration_seconds_count", labels, sum);
    }

    private static String labels(String verb, String group, String version, String resource, String subresource) {
        return "verb=\"%s\",group=\"%s\",version=\"%s\",resource=\"%s\",subresource=\"%s\""
                .formatted(escaped(verb), escaped(group), escaped(version), escaped(resource), escaped(subresource));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder out, String name, String labels, long value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }
}
