package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts a pod on a node: {@code pods/binding}, and {@code bindings}, its old form.
 *
 * @param resource {@code pods} or {@code bindings}
 */
record PodBinding(GroupResource resource, String subresource) implements SubresourceHandler {

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource BINDING = new GroupResource("", "pods/binding");

    @Override
    public List<String> verbs() {
        return List.of("create");
    }

    @Override
    public ApiResponse handle(Call call) {
        var binding = call.body();
        if (binding == null) {
            throw ApiException.badRequest("a Binding is required");
        }
        var name =
                subresource.isEmpty() ? Meta.name(binding) : call.attributes().name();
        if (!Meta.name(binding).isEmpty() && !Meta.name(binding).equals(name)) {
            throw ApiException.badRequest("name in URL does not match name in Binding object");
        }
        validate(binding, name);
        var node = Meta.text(binding, "target", "name");
        if (call.context().dryRun()) {
            var pod = call.context().objects().get(PODS, call.attributes().namespace(), name);
            if (pod == null) {
                throw ApiException.notFound(PODS, name);
            }
            requireFree(pod, name, Meta.text(binding, "metadata", "uid"));
            return Answers.created();
        }
        call.context().objects().modify(PODS, call.attributes().namespace(), name, pod -> {
            requireFree(pod, name, Meta.text(binding, "metadata", "uid"));
            Defaults.object(pod, "spec").put("nodeName", node);
            copy(binding, pod, "annotations");
            copy(binding, pod, "labels");
            PodConditions.set(
                    pod, "PodScheduled", "True", "", "", call.context().now());
            return pod;
        });
        return Answers.created();
    }

    private static void copy(ObjectNode binding, ObjectNode pod, String map) {
        if (!binding.path("metadata").path(map).isEmpty()) {
            var target = Defaults.object(Defaults.object(pod, "metadata"), map);
            Meta.strings(binding.path("metadata").path(map)).forEach(target::put);
        }
    }

    private static void validate(ObjectNode binding, String name) {
        var errors = new Errors();
        var target = Field.of(binding, "target");
        if (!target.text("kind").isEmpty() && !target.text("kind").equals("Node")) {
            errors.add(FieldError.notSupported("target.kind", target.text("kind"), List.of("Node", "<empty>")));
        }
        if (target.text("name").isEmpty()) {
            errors.required(target.at("name"), "");
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("", "Binding"), name, errors.list());
        }
    }

    private static void requireFree(ObjectNode pod, String name, String uid) {
        if (!uid.isEmpty() && !uid.equals(Meta.uid(pod))) {
            throw ApiException.conflict(
                    BINDING,
                    name,
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid, Meta.uid(pod)));
        }
        if (Meta.isTerminating(pod)) {
            throw ApiException.conflict(
                    BINDING, name, "pod %s is being deleted, cannot be assigned to a host".formatted(name));
        }
        var present = Meta.text(pod, "spec", "nodeName");
        if (!present.isEmpty()) {
            throw ApiException.conflict(
                    BINDING, name, "pod %s is already assigned to node \"%s\"".formatted(name, present));
        }
        if (!pod.path("spec").path("schedulingGates").isEmpty()) {
            throw ApiException.conflict(BINDING, name, "pod %s has non-empty .spec.schedulingGates".formatted(name));
        }
    }
}
