package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gives pods the number of their priority class, and keeps the default class unique. */
final class Priority implements AdmissionPlugin {

    static final GroupResource CLASSES = new GroupResource("scheduling.k8s.io", "priorityclasses");
    private static final String PREEMPT = "PreemptLowerPriority";

    @Override
    public void mutate(AdmissionRequest request) {
        var pod = request.object();
        if (pod != null && request.createsPod() && pod.path("spec") instanceof ObjectNode spec) {
            set(request, spec);
        }
    }

    private static void set(AdmissionRequest request, ObjectNode spec) {
        var name = Meta.text(spec, "priorityClassName");
        var objects = request.context().objects();
        var priorityClass = name.isEmpty() ? defaultClass(objects) : objects.get(CLASSES, "", name);
        if (priorityClass == null && !name.isEmpty()) {
            throw Refusal.of(request, "no PriorityClass with name %s was found".formatted(name));
        }
        long value = priorityClass == null ? 0 : priorityClass.path("value").longValue(0);
        var policy = priorityClass == null ? PREEMPT : policyOf(priorityClass);
        if (spec.has("priority") && spec.path("priority").longValue(value) != value) {
            throw Refusal.of(
                    request,
                    ("the integer value of priority (%d) must not be provided in pod spec; priority admission controller"
                                    + " computed %d from the given PriorityClass name")
                            .formatted(spec.path("priority").longValue(0), value));
        }
        if (!Meta.text(spec, "preemptionPolicy").isEmpty()
                && !Meta.text(spec, "preemptionPolicy").equals(policy)) {
            throw Refusal.of(
                    request,
                    ("the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission"
                                    + " controller computed %s from the given PriorityClass name")
                            .formatted(Meta.text(spec, "preemptionPolicy"), policy));
        }
        if (priorityClass != null) {
            spec.put("priorityClassName", Meta.name(priorityClass));
        }
        spec.put("priority", value).put("preemptionPolicy", policy);
    }

    private static String policyOf(JsonNode priorityClass) {
        var policy = Meta.text(priorityClass, "preemptionPolicy");
        return policy.isEmpty() ? PREEMPT : policy;
    }

    /** Of several default classes, which old data may have, the one with the lowest value. */
    private static @Nullable ObjectNode defaultClass(Objects objects) {
        ObjectNode found = null;
        for (var one : objects.list(CLASSES, "")) {
            if (one.path("globalDefault").booleanValue(false)
                    && (found == null
                            || one.path("value").longValue(0)
                                    < found.path("value").longValue(0))) {
                found = one;
            }
        }
        return found;
    }

    @Override
    public void validate(AdmissionRequest request) {
        var object = request.object();
        if (object == null
                || !request.isFor(CLASSES.group(), CLASSES.resource())
                || !object.path("globalDefault").booleanValue(false)) {
            return;
        }
        var present = defaultClass(request.context().objects());
        if (present != null && !Meta.name(present).equals(Meta.name(object))) {
            throw Refusal.of(
                    request,
                    "PriorityClass %s is already marked as default. Only one default can exist"
                            .formatted(Meta.name(present)));
        }
    }
}
