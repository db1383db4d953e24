package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gives containers the defaults of their namespace's LimitRanges and keeps pods and claims within them. */
final class LimitRanger implements AdmissionPlugin {

    private static final GroupResource LIMIT_RANGES = new GroupResource("", "limitranges");
    private static final String ANNOTATION = "kubernetes.io/limit-ranger";

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.createsPod() || !(request.object() instanceof ObjectNode pod)) {
            return;
        }
        var notes = new ArrayList<String>();
        for (var item : items(request)) {
            if (Meta.text(item, "type").equals("Container")) {
                for (var list : new String[] {"initContainers", "containers"}) {
                    for (var container : pod.path("spec").path(list)) {
                        fill(
                                (ObjectNode) container,
                                item,
                                list.equals("containers") ? "container" : "init container",
                                notes);
                    }
                }
            }
        }
        if (!notes.isEmpty()) {
            pod.withObject("/metadata/annotations")
                    .put(ANNOTATION, "LimitRanger plugin set: " + String.join("; ", notes));
        }
    }

    private static void fill(ObjectNode container, JsonNode item, String what, List<String> notes) {
        var requests = fill(container, "requests", item.path("defaultRequest"));
        var limits = fill(container, "limits", item.path("default"));
        var name = Meta.text(container, "name");
        if (!requests.isEmpty()) {
            notes.add("%s request for %s %s".formatted(String.join(", ", requests), what, name));
        }
        if (!limits.isEmpty()) {
            notes.add("%s limit for %s %s".formatted(String.join(", ", limits), what, name));
        }
    }

    private static TreeSet<String> fill(ObjectNode container, String list, JsonNode defaults) {
        var set = new TreeSet<String>();
        for (var entry : defaults.properties()) {
            var present = container.path("resources").path(list);
            if (!present.has(entry.getKey())) {
                container.withObject("/resources/" + list).set(entry.getKey(), entry.getValue());
                set.add(entry.getKey());
            }
        }
        return set;
    }

    @Override
    public void validate(AdmissionRequest request) {
        var object = request.object();
        if (object == null) {
            return;
        }
        var problems = new ArrayList<String>();
        if (request.createsPod()) {
            items(request).forEach(item -> pod(object, item, problems));
        } else if (request.isFor("", "persistentvolumeclaims") && request.operation() != Operation.DELETE) {
            for (var item : items(request)) {
                if (Meta.text(item, "type").equals("PersistentVolumeClaim")) {
                    var amounts = object.path("spec").path("resources");
                    new LimitCheck(item, Amounts.of(amounts.path("requests")), Amounts.NONE, problems)
                            .minAndMaxRequest();
                }
            }
        }
        if (!problems.isEmpty()) {
            throw Refusal.of(
                    request, problems.size() == 1 ? problems.getFirst() : "[" + String.join(", ", problems) + "]");
        }
    }

    private static void pod(ObjectNode pod, JsonNode item, List<String> problems) {
        switch (Meta.text(item, "type")) {
            case "Container" -> {
                for (var list : new String[] {"containers", "initContainers"}) {
                    for (var container : pod.path("spec").path(list)) {
                        var resources = container.path("resources");
                        new LimitCheck(
                                        item,
                                        Amounts.of(resources.path("requests")),
                                        Amounts.of(resources.path("limits")),
                                        problems)
                                .all();
                    }
                }
            }
            case "Pod" ->
                new LimitCheck(item, PodAmounts.of(pod, "requests"), PodAmounts.of(pod, "limits"), problems).all();
            default -> {}
        }
    }

    private static List<JsonNode> items(AdmissionRequest request) {
        if (request.namespace().isEmpty()) {
            return List.of();
        }
        var result = new ArrayList<JsonNode>();
        for (var range : request.context().objects().list(LIMIT_RANGES, request.namespace())) {
            range.path("spec").path("limits").forEach(result::add);
        }
        return result;
    }
}
