package dev.sampan.apiserver.kinds;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code pods/resize} may change (KEP-1287): the cpu and memory of containers, within the pod's quality of service. */
final class PodResize {

    private static final List<String> RESIZABLE = List.of("cpu", "memory");

    private PodResize() {}

    static void check(Errors errors, ObjectNode pod, ObjectNode old) {
        var spec = Field.of(pod, "spec");
        if (Meta.annotations(old).containsKey("kubernetes.io/config.mirror")) {
            errors.forbidden(new Field("", pod), "static pods cannot be resized");
        }
        var before = QosClass.of(old.path("spec")).label();
        var after = QosClass.of(pod.path("spec")).label();
        if (!before.equals(after)) {
            errors.invalid(spec, after, "Pod QOS Class may not change as a result of resizing");
        }
        for (var list : new String[] {"containers", "initContainers"}) {
            for (var container : spec.at(list).items()) {
                removals(errors, container, named(old.path("spec").path(list), container.text("name")));
            }
        }
        var allowed = (ObjectNode) old.path("spec").deepCopy();
        for (var list : new String[] {"containers", "initContainers"}) {
            for (var node : allowed.path(list)) {
                var now = named(pod.path("spec").path(list), Meta.text(node, "name"));
                resources((ObjectNode) node, now.path("resources"));
            }
        }
        if (!allowed.equals(pod.path("spec"))) {
            errors.forbidden(
                    spec, "only cpu and memory resources are mutable\n" + SpecDiff.of(allowed, pod.path("spec")));
        }
    }

    private static JsonNode named(JsonNode list, String name) {
        for (var container : list) {
            if (Meta.text(container, "name").equals(name)) {
                return container;
            }
        }
        return tools.jackson.databind.node.MissingNode.getInstance();
    }

    private static void removals(Errors errors, Field container, JsonNode before) {
        for (var kind : new String[] {"limits", "requests"}) {
            var now = container.at("resources").at(kind);
            for (var name : RESIZABLE) {
                if (before.path("resources").path(kind).has(name) && !now.has(name)) {
                    errors.forbidden(now, "resource " + kind + " cannot be removed");
                }
            }
        }
    }

    /** Copies what may change. */
    private static void resources(ObjectNode container, JsonNode now) {
        for (var kind : new String[] {"limits", "requests"}) {
            for (var name : RESIZABLE) {
                var value = now.path(kind).path(name);
                if (!value.isMissingNode()) {
                    container.withObject("/resources").withObject("/" + kind).set(name, value.deepCopy());
                }
            }
        }
    }
}
