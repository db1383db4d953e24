package dev.sampan.apiserver;

import dev.sampan.apiserver.AdmissionRequest.Operation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Times admission: each plugin, each step over all plugins, each webhook; counts policies' findings. Thread-safe. */
public final class AdmissionMetrics {

    private static final double[] BUCKETS = {0.005, 0.025, 0.1, 0.5, 1.0, 2.5};
    private static final double[] WEBHOOK_BUCKETS = {0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10, 25};
    private static final double[] POLICY_BUCKETS = {0.0000005, 0.001, 0.01, 0.1, 1.0};

    /** Whoever may write webhooks and policies chooses their names. */
    private static final int MAX_SERIES = 10_000;

    private static final String STEP = "apiserver_admission_step_admission_duration_seconds";
    private static final String PLUGIN = "apiserver_admission_controller_admission_duration_seconds";
    private static final String WEBHOOK = "apiserver_admission_webhook_admission_duration_seconds";
    private static final String POLICY = "apiserver_validating_admission_policy_check_duration_seconds";

    /** A part of admission. */
    public enum Type {
        ADMIT("admit"),
        VALIDATE("validate");

        private final String word;

        Type(String word) {
            this.word = word;
        }
    }

    private final Map<String, DurationHistogram> steps = new ConcurrentHashMap<>();
    private final Map<String, DurationHistogram> plugins = new ConcurrentHashMap<>();
    private final Map<String, DurationHistogram> webhooks = new ConcurrentHashMap<>();
    private final Map<String, DurationHistogram> policies = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> policyChecks = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> rejections = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failuresIgnored = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();

    /** A plugin that is timed. */
    public AdmissionPlugin measured(String name, AdmissionPlugin plugin) {
        return new AdmissionPlugin() {
            @Override
            public void mutate(AdmissionRequest request) {
                timed(plugins, BUCKETS, "name=\"" + name + "\",", Type.ADMIT, request, () -> plugin.mutate(request));
            }

            @Override
            public void validate(AdmissionRequest request) {
                timed(
                        plugins,
                        BUCKETS,
                        "name=\"" + name + "\",",
                        Type.VALIDATE,
                        request,
                        () -> plugin.validate(request));
            }
        };
    }

    /** All plugins, one after the other, timed as one step. */
    public void mutate(List<AdmissionPlugin> all, AdmissionRequest request) {
        timed(steps, BUCKETS, "", Type.ADMIT, request, () -> all.forEach(p -> p.mutate(request)));
    }

    /** All plugins, one after the other, timed as one step. */
    public void validate(List<AdmissionPlugin> all, AdmissionRequest request) {
        timed(steps, BUCKETS, "", Type.VALIDATE, request, () -> all.forEach(p -> p.validate(request)));
    }

    private static void timed(
            Map<String, DurationHistogram> into,
            double[] buckets,
            String more,
            Type type,
            AdmissionRequest request,
            Runnable work) {
        long start = System.nanoTime();
        boolean rejected = true;
        try {
            work.run();
            rejected = false;
        } finally {
            var labels = more + labels(type, request.operation(), rejected);
            record(into, buckets, labels, System.nanoTime() - start);
        }
    }

    private static String labels(Type type, Operation operation, boolean rejected) {
        return MetricsText.labels(
                "operation", operation.name(), "rejected", Boolean.toString(rejected), "type", type.word);
    }

    private static void record(Map<String, DurationHistogram> into, double[] buckets, String labels, long nanos) {
        if (into.size() < MAX_SERIES) {
            into.computeIfAbsent(labels, l -> new DurationHistogram(buckets)).record(nanos);
        }
    }

    private static void count(Map<String, LongAdder> into, String labels) {
        if (into.size() < MAX_SERIES) {
            into.computeIfAbsent(labels, l -> new LongAdder()).increment();
        }
    }

    /**
     * A webhook was asked.
     *
     * @param code what it answered with, or what it refused with; 0 when it did not answer
     * @param rejected whether the request fails for it
     */
    public void webhook(String name, Type type, Operation operation, int code, boolean rejected, long nanos) {
        record(
                webhooks,
                WEBHOOK_BUCKETS,
                MetricsText.labels("name", name) + "," + labels(type, operation, rejected),
                nanos);
        var common = MetricsText.labels("name", name, "operation", operation.name());
        count(
                calls,
                MetricsText.labels("code", Integer.toString(code)) + "," + common + ",rejected=\"" + rejected
                        + "\",type=\"" + type.word + '"');
        if (rejected) {
            var error = code == 0 ? "calling_webhook_error" : "no_error";
            count(
                    rejections,
                    MetricsText.labels("error_type", error) + "," + common + ",rejection_code=\"" + code + "\",type=\""
                            + type.word + '"');
        } else if (code == 0) {
            count(failuresIgnored, MetricsText.labels("name", name, "type", type.word));
        }
    }

    /**
     * A policy with a binding was evaluated.
     *
     * @param action {@code allow}, or what is done about what was found: {@code deny}, {@code audit}, {@code warn}
     * @param error {@code no_error}, {@code invalid_error}
     */
    public void policy(String policy, String binding, String action, String error, long nanos) {
        var labels = MetricsText.labels(
                "enforcement_action", action, "error_type", error, "policy", policy, "policy_binding", binding);
        record(policies, POLICY_BUCKETS, labels, nanos);
        count(policyChecks, labels);
    }

    void write(MetricsText out) {
        histograms(
                out,
                STEP,
                "Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step"
                        + " type (validate or admit).",
                steps);
        histograms(
                out,
                PLUGIN,
                "Admission controller latency histogram in seconds, identified by name and broken out for each operation"
                        + " and API resource and type (validate or admit).",
                plugins);
        histograms(
                out,
                WEBHOOK,
                "Admission webhook latency histogram in seconds, identified by name and broken out for each operation and"
                        + " API resource and type (validate or admit).",
                webhooks);
        counters(
                out,
                "apiserver_admission_webhook_request_total",
                "Admission webhook request total, identified by name and broken out for each admission type (validating or"
                        + " mutating) and operation.",
                calls);
        counters(
                out,
                "apiserver_admission_webhook_rejection_count",
                "Admission webhook rejection count, identified by name and broken out for each admission type (validating"
                        + " or admit) and operation.",
                rejections);
        counters(
                out,
                "apiserver_admission_webhook_fail_open_count",
                "Admission webhook fail open count, identified by name and broken out for each admission type (validating"
                        + " or admit).",
                failuresIgnored);
        histograms(
                out,
                POLICY,
                "Validation admission latency for individual validation expressions in seconds, labeled by policy and"
                        + " further including binding and enforcement action taken.",
                policies);
        counters(
                out,
                "apiserver_validating_admission_policy_check_total",
                "Validation admission policy check total, labeled by policy and further identified by binding and"
                        + " enforcement action taken.",
                policyChecks);
    }

    private static void histograms(MetricsText out, String name, String help, Map<String, DurationHistogram> all) {
        if (!all.isEmpty()) {
            out.head(name, "histogram", help);
            all.forEach((labels, histogram) -> histogram.write(out, name, labels));
        }
    }

    private static void counters(MetricsText out, String name, String help, Map<String, LongAdder> all) {
        if (!all.isEmpty()) {
            out.head(name, "counter", help);
            all.forEach((labels, count) -> out.line(name, labels, count.sum()));
        }
    }
}
