package dev.sampan.apiserver.metrics;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.FieldSelector;
import dev.sampan.schema.LabelSelector;
import dev.sampan.schema.codec.Json;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers GET and LIST of one of the resources.
 *
 * @param plural {@code nodes} or {@code pods}
 */
record MetricsHandler(String plural, Function<Call, List<ObjectNode>> all, Function<Call, @Nullable ObjectNode> one)
        implements SubresourceHandler {

    @Override
    public GroupResource resource() {
        return MetricsApi.resource(plural);
    }

    @Override
    public String subresource() {
        return "";
    }

    @Override
    public List<String> verbs() {
        return List.of("get", "list");
    }

    @Override
    public ApiResponse handle(Call call) {
        if (call.attributes().verb().equals("list")) {
            return json(list(call));
        }
        var metrics = one.apply(call);
        if (metrics == null) {
            throw ApiException.notFound(resource(), call.attributes().name());
        }
        return json(metrics);
    }

    private ObjectNode list(Call call) {
        var kind = plural.equals("nodes") ? "NodeMetricsList" : "PodMetricsList";
        var list = JsonNodeFactory.instance
                .objectNode()
                .put("kind", kind)
                .put("apiVersion", MetricsApi.GROUP + "/" + MetricsApi.VERSION);
        list.putObject("metadata");
        var items = list.putArray("items");
        try {
            var labels = LabelSelector.parse(call.raw().parameter("labelSelector"));
            var fields = FieldSelector.parse(call.raw().parameter("fieldSelector"));
            for (var metrics : all.apply(call)) {
                var known = Map.of("metadata.name", Meta.name(metrics), "metadata.namespace", Meta.namespace(metrics));
                if (labels.matches(Meta.labels(metrics)) && fields.matches(known)) {
                    items.add(metrics);
                }
            }
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest(String.valueOf(e.getMessage()));
        }
        return list;
    }

    private static ApiResponse json(ObjectNode body) {
        return new ApiResponse.Complete(200, Map.of("content-type", List.of("application/json")), Json.write(body));
    }
}
