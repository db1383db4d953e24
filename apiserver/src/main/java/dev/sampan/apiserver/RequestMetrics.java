package dev.sampan.apiserver;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times requests, and writes them with Kubernetes' names, labels and help. Thread-safe. */
final class RequestMetrics {

    private static final double[] BUCKETS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
    };

    /** Callers choose what they ask for, even what does not exist: their number must not fill the memory. */
    private static final int MAX_SERIES = 10_000;

    private record Timed(
            String verb,
            String group,
            String version,
            String resource,
            String subresource,
            String scope,
            String dryRun) {

        static Timed of(Attributes a, String dryRun) {
            return new Timed(verb(a), a.group(), a.version(), a.resource(), a.subresource(), scope(a), dryRun);
        }

        /** As Kubernetes labels them: the verb of a path is its HTTP method. */
        private static String verb(Attributes a) {
            var verb = a.verb().toUpperCase(Locale.ROOT);
            return switch (verb) {
                case "CREATE" -> "POST";
                case "UPDATE" -> "PUT";
                default -> verb;
            };
        }

        private static String scope(Attributes a) {
            if (!a.isResourceRequest()) {
                return "";
            }
            if (!a.name().isEmpty() || a.verb().equals("create")) {
                return "resource";
            }
            return a.namespace().isEmpty() ? "cluster" : "namespace";
        }

        String labels() {
            return MetricsText.labels(
                    "component",
                    "apiserver",
                    "dry_run",
                    dryRun,
                    "group",
                    group,
                    "resource",
                    resource,
                    "scope",
                    scope,
                    "subresource",
                    subresource,
                    "verb",
                    verb,
                    "version",
                    version);
        }
    }

    private record Counted(Timed what, int code) {}

    private final Map<Counted, LongAdder> requests = new ConcurrentHashMap<>();
    private final Map<Timed, DurationHistogram> durations = new ConcurrentHashMap<>();
    private final LongAdder reading = new LongAdder();
    private final LongAdder mutating = new LongAdder();

    void started(Attributes a) {
        inFlight(a).increment();
    }

    /**
     * An answer is ready.
     *
     * @param dryRun the request's parameter
     * @param nanos until the answer was ready; of a watch, until it began
     */
    void finished(Attributes a, String dryRun, int code, long nanos) {
        inFlight(a).decrement();
        if (requests.size() >= MAX_SERIES) {
            return;
        }
        var timed = Timed.of(a, dryRun);
        requests.computeIfAbsent(new Counted(timed, code), r -> new LongAdder()).increment();
        if (a.isResourceRequest()) {
            durations
                    .computeIfAbsent(timed, t -> new DurationHistogram(BUCKETS))
                    .record(nanos);
        }
    }

    private LongAdder inFlight(Attributes a) {
        return switch (a.verb()) {
            case "get", "list", "watch", "head", "options" -> reading;
            default -> mutating;
        };
    }

    void write(MetricsText out) {
        out.head(
                "apiserver_request_total",
                "counter",
                "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope,"
                        + " component, and HTTP response code.");
        requests.forEach((r, count) ->
                out.line("apiserver_request_total", "code=\"" + r.code + "\"," + r.what.labels(), count.sum()));
        out.head(
                "apiserver_request_duration_seconds",
                "histogram",
                "Response latency distribution in seconds for each verb, dry run value, group, version, resource,"
                        + " subresource, scope and component.");
        durations.forEach((t, histogram) -> histogram.write(out, "apiserver_request_duration_seconds", t.labels()));
        out.head(
                        "apiserver_current_inflight_requests",
                        "gauge",
                        "Maximal number of currently used inflight request limit of this apiserver per request kind in last"
                                + " second.")
                .line("apiserver_current_inflight_requests", "request_kind=\"mutating\"", mutating.sum())
                .line("apiserver_current_inflight_requests", "request_kind=\"readOnly\"", reading.sum());
    }

    /** @param objects stored objects by resource */
    static void writeObjects(MetricsText out, Map<GroupResource, Long> objects) {
        var named = new TreeMap<String, Long>();
        objects.forEach((resource, count) -> named.put(resource.toString(), count));
        out.head(
                "apiserver_storage_objects",
                "gauge",
                "Number of stored objects at the time of last check split by kind.");
        named.forEach(
                (name, count) -> out.line("apiserver_storage_objects", MetricsText.labels("resource", name), count));
    }
}
