package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.kinds.Meta;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sends what a special subresource is asked to do through admission first. */
public record AdmittedHandler(SubresourceHandler handler, List<AdmissionPlugin> plugins, AdmissionMetrics metrics)
        implements SubresourceHandler {

    @Override
    public GroupResource resource() {
        return handler.resource();
    }

    @Override
    public String subresource() {
        return handler.subresource();
    }

    @Override
    public List<String> verbs() {
        return handler.verbs();
    }

    @Override
    public boolean proxies() {
        return handler.proxies();
    }

    @Override
    public ApiResponse handle(Call call) {
        var a = call.attributes();
        if (a.verb().equals("create") || handler.proxies()) {
            var body = call.body();
            var request = new AdmissionRequest(
                    handler.proxies() ? Operation.CONNECT : Operation.CREATE,
                    kind(body),
                    a.version(),
                    resource(),
                    subresource(),
                    a.namespace(),
                    a.name(),
                    body,
                    null,
                    null,
                    call.context());
            metrics.mutate(plugins, request);
            metrics.validate(plugins, request);
        }
        return handler.handle(call);
    }

    private static GroupKind kind(@org.jspecify.annotations.Nullable ObjectNode body) {
        JsonNode object = body == null ? tools.jackson.databind.node.MissingNode.getInstance() : body;
        var apiVersion = Meta.text(object, "apiVersion");
        int slash = apiVersion.indexOf('/');
        return new GroupKind(slash < 0 ? "" : apiVersion.substring(0, slash), Meta.text(object, "kind"));
    }
}
