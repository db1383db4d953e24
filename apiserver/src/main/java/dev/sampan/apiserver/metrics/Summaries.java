package dev.sampan.apiserver.metrics;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.SubresourceHandler.Call;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.proxy.NodeApi;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Turns nodes' summaries into metrics. A node that does not answer is left out, and so are its pods. Stateless. */
final class Summaries {

    private static final Logger log = LoggerFactory.getLogger(Summaries.class);
    private static final GroupResource NODES = new GroupResource("", "nodes");
    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final String PATH = "/stats/summary";

    /** What a node that does not say over how long it measured is taken to have measured over: the kubelet's housekeeping. */
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final NodeApi api;

    Summaries(NodeApi api) {
        this.api = api;
    }

    List<ObjectNode> nodes(Call call) {
        var objects = call.context().objects();
        var nodes = objects.list(NODES, "");
        return each(nodes, node -> nodeMetrics(node, objects));
    }

    @Nullable
    ObjectNode node(Call call) {
        var objects = call.context().objects();
        var node = objects.get(NODES, "", call.attributes().name());
        return node == null ? null : nodeMetrics(node, objects);
    }

    List<ObjectNode> pods(Call call) {
        var objects = call.context().objects();
        var pods = objects.list(PODS, call.attributes().namespace());
        var names = pods.stream()
                .map(Summaries::nodeOf)
                .distinct()
                .filter(n -> !n.isEmpty())
                .toList();
        var stats = new HashMap<String, JsonNode>();
        each(names, name -> summary(name, objects)).forEach(summary -> stats.putAll(statsByUid(summary)));
        return pods.stream()
                .map(pod -> podMetrics(pod, stats))
                .filter(java.util.Objects::nonNull)
                .toList();
    }

    @Nullable
    ObjectNode pod(Call call) {
        var objects = call.context().objects();
        var pod = objects.get(
                PODS, call.attributes().namespace(), call.attributes().name());
        if (pod == null || nodeOf(pod).isEmpty()) {
            return null;
        }
        return podMetrics(pod, statsByUid(summary(nodeOf(pod), objects)));
    }

    private static String nodeOf(ObjectNode pod) {
        return Meta.text(pod, "spec", "nodeName");
    }

    /** Asks all at once; those that fail are left out. */
    private static <T> List<ObjectNode> each(List<T> inputs, Function<T, @Nullable ObjectNode> ask) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = threads.invokeAll(inputs.stream()
                    .<Callable<@Nullable ObjectNode>>map(input -> () -> ask.apply(input))
                    .toList());
            var result = new ArrayList<ObjectNode>();
            for (var answer : answers) {
                try {
                    var value = answer.get();
                    if (value != null) {
                        result.add(value);
                    }
                } catch (ExecutionException e) {
                    log.debug(
                            "no metrics: {}",
                            e.getCause() == null ? e : e.getCause().toString());
                }
            }
            return result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("interrupted while nodes were asked for metrics");
        }
    }

    private ObjectNode summary(String node, Objects objects) {
        try {
            var text = api.get(node, PATH, objects);
            if (Json.read(text.getBytes(StandardCharsets.UTF_8)).tree() instanceof ObjectNode summary) {
                return summary;
            }
        } catch (DecodeException e) {
            log.debug("node {}: {}", node, e.toString());
        }
        throw ApiException.unavailable("node %s answers %s with no JSON object".formatted(node, PATH));
    }

    private @Nullable ObjectNode nodeMetrics(ObjectNode node, Objects objects) {
        var stats = summary(Meta.name(node), objects).path("node");
        if (!stats.path("cpu").isObject() || !stats.path("memory").isObject()) {
            return null;
        }
        var metrics = metrics("NodeMetrics", node, stats.path("cpu"));
        metrics.set("usage", usage(stats));
        return metrics;
    }

    /** Null when the node does not run the pod, or can measure none of its containers. */
    private static @Nullable ObjectNode podMetrics(ObjectNode pod, Map<String, JsonNode> statsByUid) {
        var stats = statsByUid.get(Meta.text(pod, "metadata", "uid"));
        if (stats == null) {
            return null;
        }
        var containers = stats.path("containers");
        var metrics = metrics("PodMetrics", pod, containers.get(0).path("cpu"));
        var array = metrics.putArray("containers");
        for (var container : containers) {
            array.addObject().put("name", Meta.text(container, "name")).set("usage", usage(container));
        }
        return metrics;
    }

    /** A summary's pods that have measured containers. */
    private static Map<String, JsonNode> statsByUid(ObjectNode summary) {
        var byUid = new HashMap<String, JsonNode>();
        for (var stats : summary.path("pods")) {
            if (!stats.path("containers").isEmpty()) {
                byUid.put(Meta.text(stats, "podRef", "uid"), stats);
            }
        }
        return byUid;
    }

    private static ObjectNode metrics(String kind, ObjectNode of, JsonNode cpu) {
        var metrics = JsonNodeFactory.instance
                .objectNode()
                .put("kind", kind)
                .put("apiVersion", MetricsApi.GROUP + "/" + MetricsApi.VERSION);
        var metadata = metrics.putObject("metadata").put("name", Meta.name(of));
        if (!Meta.namespace(of).isEmpty()) {
            metadata.put("namespace", Meta.namespace(of));
        }
        var now = Meta.text(cpu, "time");
        var time = seconds(now);
        metadata.put("creationTimestamp", time);
        var labels = of.path("metadata").path("labels");
        if (labels.isObject()) {
            metadata.set("labels", labels);
        }
        long nanos = cpu.path("windowNanos").longValue(WINDOW.toNanos());
        return metrics.put("timestamp", time).put("window", nanos / 1_000_000 + "ms");
    }

    private static String seconds(String time) {
        return Instant.parse(time)
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
    }

    private static ObjectNode usage(JsonNode stats) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("cpu", stats.path("cpu").path("usageNanoCores").longValue(0) + "n")
                .put("memory", stats.path("memory").path("workingSetBytes").longValue(0) / 1024 + "Ki");
    }
}
