package dev.sampan.scheduler;

import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.requesting;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/** Decisions a second of the scheduler alone, without an API server: run its main method. */
final class Throughput {

    private Throughput() {}

    public static void main(String[] args) {
        int nodes = args.length > 0 ? Integer.parseInt(args[0]) : 5000;
        int pods = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        measure("basic", nodes, pods, i -> requesting("p" + i + " app=web", "{cpu: 100m, memory: 500Mi}"));
        measure(
                "topologySpread",
                nodes,
                pods,
                i -> pod(
                        "p" + i + " app=web",
                        "topologySpreadConstraints: [{maxSkew: 5, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]"));
        measure(
                "antiAffinity",
                nodes,
                Math.min(pods, nodes - 1),
                i -> pod("p" + i + " app=web", affinity("podAntiAffinity", "kubernetes.io/hostname")));
        measure("affinity", nodes, pods, i -> pod("p" + i + " app=web", affinity("podAffinity", "zone")));
    }

    private static String affinity(String kind, String key) {
        return "affinity: {%s: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: web}}, topologyKey: %s}]}}"
                .formatted(kind, key);
    }

    private static void measure(String name, int nodes, int pods, IntFunction<Pod> template) {
        Deque<Effect> effects = new ArrayDeque<>();
        var core = new SchedulingCore(SchedulerConfig.defaults(), new SplittableRandom(1), effects::add);
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        for (int i = 0; i < nodes; i++) {
            core.nodeChanged(node("n" + i + " zone=z" + i % 3, "{}", "{cpu: '4', memory: 32Gi, pods: '110'}"), now);
        }
        for (int i = 0; i < pods; i++) {
            core.podChanged(template.apply(i), now);
        }
        int bound = 0;
        int failed = 0;
        long begin = System.nanoTime();
        while (core.step(now)) {
            for (Effect effect = effects.poll(); effect != null; effect = effects.poll()) {
                if (effect instanceof Effect.Bind bind) {
                    bound++;
                    core.bound(bind.pod(), now);
                    core.podChanged(
                            new PodBuilder(bind.pod().pod())
                                    .editSpec()
                                    .withNodeName(bind.node())
                                    .endSpec()
                                    .build(),
                            now);
                } else {
                    failed++;
                }
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%s: %d nodes, %d bound, %d failures, %.0f pods/s%n", name, nodes, bound, failed, bound / seconds);
    }
}
