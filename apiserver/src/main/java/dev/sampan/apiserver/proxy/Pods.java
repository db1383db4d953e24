package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A pod and its containers as the streaming subresources need them. */
final class Pods {

    static final GroupResource PODS = new GroupResource("", "pods");

    private Pods() {}

    static ObjectNode find(SubresourceHandler.Call call) {
        var a = call.attributes();
        var pod = call.context().objects().get(PODS, a.namespace(), a.name());
        if (pod == null) {
            throw ApiException.notFound(PODS, a.name());
        }
        return pod;
    }

    /** The container that a request means: the one it names, or the pod's only one. */
    static String container(ObjectNode pod, String asked) {
        var names = names(pod, "containers");
        var initial = names(pod, "initContainers");
        var ephemeral = names(pod, "ephemeralContainers");
        if (!asked.isEmpty()) {
            if (names.contains(asked) || initial.contains(asked) || ephemeral.contains(asked)) {
                return asked;
            }
            throw ApiException.badRequest("container %s is not valid for pod %s".formatted(asked, Meta.name(pod)));
        }
        if (names.size() == 1) {
            return names.getFirst();
        }
        var message = "a container name must be specified for pod %s, choose one of: [%s]"
                .formatted(Meta.name(pod), String.join(" ", names));
        if (!initial.isEmpty()) {
            message += " or one of the init containers: [%s]".formatted(String.join(" ", initial));
        }
        if (!ephemeral.isEmpty()) {
            message += " or one of the ephemeral containers: [%s]".formatted(String.join(" ", ephemeral));
        }
        throw ApiException.badRequest(message);
    }

    private static List<String> names(ObjectNode pod, String list) {
        var result = new ArrayList<String>();
        pod.path("spec").path(list).forEach(c -> result.add(Meta.text(c, "name")));
        return result;
    }

    static String node(ObjectNode pod) {
        return Meta.text(pod, "spec", "nodeName");
    }
}
