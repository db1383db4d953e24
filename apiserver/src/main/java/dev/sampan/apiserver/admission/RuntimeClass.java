package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A pod's runtime class exists, and gives the pod its overhead and its nodes. */
final class RuntimeClass implements AdmissionPlugin {

    private static final GroupResource CLASSES = new GroupResource("node.k8s.io", "runtimeclasses");

    @Override
    public void mutate(AdmissionRequest request) {
        var pod = request.object();
        if (pod == null || !request.createsPod() || !(pod.path("spec") instanceof ObjectNode spec)) {
            return;
        }
        var name = Meta.text(spec, "runtimeClassName");
        var overhead = spec.path("overhead");
        if (name.isEmpty()) {
            if (!overhead.isEmpty()) {
                throw Refusal.of(
                        request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
            }
            return;
        }
        var runtime = request.context().objects().get(CLASSES, "", name);
        if (runtime == null) {
            throw Refusal.of(request, "pod rejected: RuntimeClass \"%s\" not found".formatted(name));
        }
        overhead(request, spec, runtime.path("overhead").path("podFixed"));
        nodes(request, spec, runtime.path("scheduling"));
    }

    private static void overhead(AdmissionRequest request, ObjectNode spec, JsonNode fixed) {
        var own = spec.path("overhead");
        if (!own.isEmpty() && !own.equals(fixed)) {
            throw Refusal.of(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        }
        if (!fixed.isEmpty()) {
            spec.set("overhead", fixed.deepCopy());
        }
    }

    private static void nodes(AdmissionRequest request, ObjectNode spec, JsonNode scheduling) {
        var selector = scheduling.path("nodeSelector");
        for (var wanted : selector.properties()) {
            var own = spec.path("nodeSelector").path(wanted.getKey());
            if (own.isString() && !own.equals(wanted.getValue())) {
                throw Refusal.of(
                        request,
                        "pod rejected: conflict: runtimeClass.scheduling.nodeSelector[%1$s] = %2$s; pod.spec.nodeSelector[%1$s] = %3$s"
                                .formatted(wanted.getKey(), wanted.getValue().asString(""), own.asString("")));
            }
        }
        if (!selector.isEmpty()) {
            selector.properties().forEach(e -> spec.withObject("nodeSelector").set(e.getKey(), e.getValue()));
        }
        for (var toleration : scheduling.path("tolerations")) {
            if (spec.path("tolerations").valueStream().noneMatch(toleration::equals)) {
                spec.withArray("tolerations").add(toleration.deepCopy());
            }
        }
    }
}
