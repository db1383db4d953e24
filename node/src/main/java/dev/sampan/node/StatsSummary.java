package dev.sampan.node;

import dev.sampan.client.Informer;
import dev.sampan.node.runtime.Container;
import dev.sampan.node.runtime.ContainerRuntime;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the node and its containers use, in the shape of the kubelet's {@code /stats/summary}. Rates are over the time since a
 * measurement that is at least {@link #WINDOW} old, or since the start where there is none; each {@code cpu} says in {@code windowNanos},
 * which the kubelet has not, how long that is. Owns the measurements; one call at a time.
 */
final class StatsSummary {

    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final String NODE = "";

    private final String name;
    private final Informer<Pod> pods;
    private final ContainerRuntime runtime;
    private final HostUsage host;
    private final InstantSource clock;
    private final Map<String, Window> windows = new HashMap<>();

    /** A point of a counter of processor time. */
    private record Point(Instant at, long cpuNanos) {}

    /** @param base what rates are counted from; @param latest becomes the base when it is old enough */
    private record Window(Point base, Point latest) {}

    StatsSummary(String name, Informer<Pod> pods, ContainerRuntime runtime, HostUsage host, InstantSource clock) {
        this.name = name;
        this.pods = pods;
        this.runtime = runtime;
        this.host = host;
        this.clock = clock;
        host.cpuNanos().ifPresent(cpu -> {
            var start = new Point(clock.instant(), cpu);
            windows.put(NODE, new Window(start, start));
        });
    }

    /** The summary as a tree of maps and lists. */
    synchronized Map<String, Object> read() {
        var now = clock.instant();
        var seen = new HashMap<String, Window>();
        var stats = new ArrayList<Map<String, Object>>();
        for (var pod : pods.list()) {
            var containers = containers(pod, seen);
            if (!containers.isEmpty()) {
                stats.add(Map.of("podRef", reference(pod), "containers", containers));
            }
        }
        var node = new LinkedHashMap<String, Object>();
        node.put("nodeName", name);
        host.cpuNanos().ifPresent(cpu -> {
            var point = new Point(now, cpu);
            node.put("cpu", cpu(NODE, point, point, seen));
        });
        host.memoryBytes().ifPresent(bytes -> node.put("memory", memory(now, bytes)));
        windows.clear();
        windows.putAll(seen);
        return Map.of("node", node, "pods", stats);
    }

    private static Map<String, String> reference(Pod pod) {
        var metadata = pod.getMetadata();
        return Map.of("name", metadata.getName(), "namespace", metadata.getNamespace(), "uid", metadata.getUid());
    }

    private List<Map<String, Object>> containers(Pod pod, Map<String, Window> seen) {
        var stats = new ArrayList<Map<String, Object>>();
        for (var container : runtime.containers(pod.getMetadata().getUid())) {
            if (container.state() instanceof Container.Running running) {
                runtime.usage(container.id()).ifPresent(usage -> {
                    var start = new Point(running.started(), 0);
                    var point = new Point(usage.at(), usage.cpuNanos());
                    stats.add(Map.of(
                            "name", container.name(),
                            "startTime", running.started().toString(),
                            "cpu", cpu(container.id(), point, start, seen),
                            "memory", memory(usage.at(), usage.residentBytes())));
                });
            }
        }
        return stats;
    }

    /** @param start what to count from where nothing was measured before */
    private Map<String, Object> cpu(String key, Point point, Point start, Map<String, Window> seen) {
        var before = windows.getOrDefault(key, new Window(start, start));
        boolean old = Duration.between(before.latest.at, point.at).compareTo(WINDOW) >= 0;
        var base = old ? before.latest : before.base;
        seen.put(key, new Window(base, old ? point : before.latest));
        long nanos = Math.max(1, Duration.between(base.at, point.at).toNanos());
        double cores = Math.max(0, point.cpuNanos - base.cpuNanos) / (double) nanos;
        return Map.of(
                "time",
                point.at.toString(),
                "usageNanoCores",
                Math.round(cores * 1e9),
                "usageCoreNanoSeconds",
                point.cpuNanos,
                "windowNanos",
                nanos);
    }

    private static Map<String, Object> memory(Instant at, long bytes) {
        return Map.of("time", at.toString(), "workingSetBytes", bytes);
    }
}
