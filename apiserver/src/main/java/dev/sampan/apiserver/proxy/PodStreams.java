package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.kinds.Meta;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code pods/exec}, {@code pods/attach} and {@code pods/portforward}: the client's connection becomes a tunnel to the
 * node, whether it speaks WebSocket or SPDY.
 *
 * @param subresource one of the three
 */
record PodStreams(String subresource, Nodes nodes) implements SubresourceHandler {

    @Override
    public GroupResource resource() {
        return Pods.PODS;
    }

    @Override
    public List<String> verbs() {
        return List.of("create", "get");
    }

    @Override
    public boolean proxies() {
        return true;
    }

    @Override
    public ApiResponse handle(Call call) {
        if (!verbs().contains(call.attributes().verb())) {
            throw ApiException.methodNotSupported(Pods.PODS, call.attributes().verb());
        }
        var pod = Pods.find(call);
        var path = subresource.equals("portforward") ? portForward(call) : stream(call, pod);
        if (Pods.node(pod).isEmpty()) {
            throw ApiException.badRequest("pod %s does not have a host assigned".formatted(Meta.name(pod)));
        }
        if (!Exchange.isUpgrade(call.raw().headers())) {
            throw ApiException.badRequest("Upgrade request required");
        }
        var target = nodes.find(Pods.node(pod), call.context().objects());
        return new Exchange(target, call.raw().method(), path, call.raw().headers(), new byte[0]).run();
    }

    private String stream(Call call, ObjectNode pod) {
        var request = call.raw();
        var query = new Query();
        request.query().getOrDefault("command", List.of()).forEach(c -> query.add("command", c));
        if (subresource.equals("exec") && !request.query().containsKey("command")) {
            throw ApiException.badRequest("you must specify at least 1 command for the container");
        }
        var names = List.of("stdin", "stdout", "stderr", "tty");
        var nodeNames = List.of("input", "output", "error", "tty");
        boolean any = false;
        for (int i = 0; i < names.size(); i++) {
            if (request.flag(names.get(i))) {
                query.add(nodeNames.get(i), "1");
                any |= i < 3;
            }
        }
        if (!any) {
            throw ApiException.badRequest("you must specify at least one of stdin, stdout, stderr");
        }
        var container = Pods.container(pod, request.parameter("container"));
        return "/%s/%s/%s/%s%s".formatted(subresource, call.attributes().namespace(), Meta.name(pod), container, query);
    }

    private static String portForward(Call call) {
        var query = new Query();
        for (var ports : call.raw().query().getOrDefault("ports", List.of())) {
            for (var port : ports.split(",")) {
                query.add("port", port);
            }
        }
        return "/portForward/%s/%s%s"
                .formatted(call.attributes().namespace(), call.attributes().name(), query);
    }
}
