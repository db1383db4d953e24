package dev.sampan.apiserver.metrics;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.proxy.NodeApi;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Schema;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The group's resources and who answers for them. */
public final class MetricsApi {

    static final String GROUP = "metrics.k8s.io";
    static final String VERSION = "v1beta1";

    private MetricsApi() {}

    /** The resources, for discovery and OpenAPI. */
    public static List<ResourceType> types() {
        return List.of(type("NodeMetrics", "nodes", false), type("PodMetrics", "pods", true));
    }

    public static List<SubresourceHandler> handlers(NodeApi nodes) {
        var summaries = new Summaries(nodes);
        return List.of(
                new MetricsHandler("nodes", summaries::nodes, summaries::node),
                new MetricsHandler("pods", summaries::pods, summaries::pod));
    }

    static GroupResource resource(String plural) {
        return new GroupResource(GROUP, plural);
    }

    private static ResourceType type(String kind, String plural, boolean namespaced) {
        return new ResourceType(
                new GroupVersionKind(GROUP, VERSION, kind),
                plural,
                "",
                namespaced,
                List.of(),
                List.of(),
                Set.of("get", "list"),
                List.of(),
                Schema.ofCrd(structure(namespaced)),
                VERSION);
    }

    private static ObjectNode structure(boolean containers) {
        var schema = object("What it used over a window of time.");
        var properties = schema.putObject("properties");
        properties
                .putObject("timestamp")
                .put("type", "string")
                .put("format", "date-time")
                .put("description", "The end of the window.");
        properties.putObject("window").put("type", "string").put("description", "The window's length.");
        if (containers) {
            var item = object("What one container used.");
            var fields = item.putObject("properties");
            fields.putObject("name").put("type", "string").put("description", "The container's name.");
            fields.set("usage", usage());
            properties
                    .putObject("containers")
                    .put("type", "array")
                    .put("description", "Each container's use.")
                    .set("items", item);
        } else {
            properties.set("usage", usage());
        }
        return schema;
    }

    private static ObjectNode usage() {
        var usage = object("Quantities: cpu in cores, memory in bytes.");
        usage.putObject("additionalProperties").put("x-kubernetes-int-or-string", true);
        return usage;
    }

    private static ObjectNode object(String description) {
        return JsonNodeFactory.instance.objectNode().put("type", "object").put("description", description);
    }
}
