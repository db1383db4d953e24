package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Pods. */
final class PodRules implements KindRules {

    private static final String MUTABLE = "pod updates may not change fields other than `spec.containers[*].image`,"
            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
            + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    @Override
    public void setDefaults(ObjectNode pod) {
        PodDefaults.pod(pod);
    }

    @Override
    public void prepareForCreate(ObjectNode pod, RequestContext context) {
        if (!pod.path("spec").path("ephemeralContainers").isEmpty()) {
            throw ApiException.invalid(
                    new GroupKind("", "Pod"),
                    Meta.name(pod),
                    List.of(FieldError.forbidden("spec.ephemeralContainers", "cannot be set on create")));
        }
        UnnamedContainer.name(pod.path("spec"), "spec", context);
        var status = pod.putObject("status");
        status.put("phase", "Pending")
                .put("qosClass", QosClass.of(pod.path("spec")).label());
        if (!pod.path("spec").path("schedulingGates").isEmpty()) {
            status.putArray("conditions")
                    .addObject()
                    .put("type", "PodScheduled")
                    .put("status", "False")
                    .put("reason", "SchedulingGated")
                    .put("message", "Scheduling is blocked due to non-empty scheduling gates")
                    .putNull("lastProbeTime")
                    .putNull("lastTransitionTime");
        }
    }

    @Override
    public void prepareForStatusUpdate(ObjectNode pod, ObjectNode old, RequestContext context) {
        // Who deletes a pod, and when, is not up to whoever reports its status.
        var metadata = pod.withObject("/metadata");
        copy(old.path("metadata"), metadata, "deletionTimestamp");
        copy(old.path("metadata"), metadata, "ownerReferences");
        if (pod.path("status") instanceof ObjectNode status && Defaults.blank(status, "qosClass")) {
            copy(old.path("status"), status, "qosClass");
        }
    }

    private static void copy(JsonNode from, ObjectNode to, String name) {
        if (Defaults.absent(from, name)) {
            to.remove(name);
        } else {
            to.set(name, from.path(name));
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode pod) {
        var errors = new Errors();
        var spec = Field.of(pod, "spec");
        PodSpecRules.spec(errors, spec);
        if (!spec.at("schedulingGates").value().isEmpty()
                && !spec.text("nodeName").isEmpty()) {
            errors.forbidden(spec.at("nodeName"), "cannot be set until all schedulingGates have been cleared");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode pod, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(pod, "spec");
        var before = Field.of(old, "spec");
        for (var list : new String[] {"containers", "initContainers"}) {
            if (spec.at(list).value().size() != before.at(list).value().size()) {
                errors.forbidden(spec.at(list), "pod updates may not add or remove containers");
                return errors.list();
            }
        }
        activeDeadline(errors, spec.at("activeDeadlineSeconds"), before.at("activeDeadlineSeconds"));
        tolerations(errors, spec.at("tolerations"), before.at("tolerations"));
        gates(errors, spec.at("schedulingGates"), before.at("schedulingGates"));
        var allowed = withAllowedChanges((ObjectNode) old.path("spec"), pod.path("spec"));
        if (!allowed.equals(pod.path("spec"))) {
            errors.forbidden(spec, MUTABLE + "\n" + SpecDiff.of(allowed, pod.path("spec")));
        }
        return errors.list();
    }

    private static void activeDeadline(Errors errors, Field now, Field before) {
        if (!now.present() && before.present()) {
            errors.invalid(now, null, "must not update from a positive integer to nil value");
        } else if (now.present() && before.present() && now.number(0) > before.number(0)) {
            errors.invalid(now, "must be less than or equal to previous value");
        }
    }

    private static void tolerations(Errors errors, Field now, Field before) {
        for (var old : before.value()) {
            var kept = false;
            for (var one : now.value()) {
                kept |= same(one, old);
            }
            if (!kept) {
                errors.forbidden(now, "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    private static boolean same(JsonNode one, JsonNode other) {
        for (var name : new String[] {"key", "operator", "value", "effect"}) {
            if (!one.path(name).stringValue("").equals(other.path(name).stringValue(""))) {
                return false;
            }
        }
        return true;
    }

    private static void gates(Errors errors, Field now, Field before) {
        for (var gate : now.value()) {
            var known = false;
            for (var old : before.value()) {
                known |= old.equals(gate);
            }
            if (!known) {
                errors.forbidden(
                        now,
                        "only deletion is allowed, but found new scheduling gate '" + Meta.text(gate, "name") + "'");
            }
        }
    }

    /** The old spec with those of the new values that may change: what an allowed new spec is equal to. */
    private static ObjectNode withAllowedChanges(ObjectNode old, JsonNode now) {
        var result = old.deepCopy();
        for (var list : new String[] {"containers", "initContainers"}) {
            for (int i = 0; i < result.path(list).size(); i++) {
                if (result.path(list).path(i) instanceof ObjectNode container) {
                    copy(now.path(list).path(i), container, "image");
                }
            }
        }
        for (var name : new String[] {"activeDeadlineSeconds", "tolerations", "schedulingGates"}) {
            copy(now, result, name);
        }
        if (old.path("terminationGracePeriodSeconds").longValue(0) < 0
                && now.path("terminationGracePeriodSeconds").longValue(0) == 1) {
            result.put("terminationGracePeriodSeconds", 1);
        }
        if (!old.path("schedulingGates").isEmpty()) {
            copy(now, result, "nodeSelector");
            copy(now, result, "affinity");
        }
        return result;
    }

    /** Ephemeral containers are added to a running pod; those that are there stay as they are. */
    @Override
    public List<FieldError> validatePartUpdate(String subresource, ObjectNode pod, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(pod, "spec");
        PodSpecRules.spec(errors, spec);
        if (subresource.equals("ephemeralcontainers")) {
            ephemeral(errors, spec.at("ephemeralContainers"), old.path("spec").path("ephemeralContainers"));
        } else if (subresource.equals("resize")) {
            PodResize.check(errors, pod, old);
        }
        return errors.list();
    }

    private static void ephemeral(Errors errors, Field now, JsonNode before) {
        for (var old : before) {
            JsonNode kept = null;
            for (var one : now.value()) {
                if (Meta.text(one, "name").equals(Meta.text(old, "name"))) {
                    kept = one;
                }
            }
            if (kept == null) {
                errors.forbidden(
                        now,
                        "existing ephemeral containers \"%s\" may not be removed".formatted(Meta.text(old, "name")));
            } else if (!kept.equals(old)) {
                errors.forbidden(
                        now,
                        "existing ephemeral containers \"%s\" may not be changed".formatted(Meta.text(old, "name")));
            }
        }
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode pod, ObjectNode old) {
        var errors = new Errors();
        var nominated = Field.of(pod, "status").at("nominatedNodeName");
        if (!nominated.text().isEmpty()) {
            errors.names(nominated, dev.sampan.schema.Names.dns1123Subdomain(nominated.text()));
        }
        return errors.list();
    }

    @Override
    public List<String> warnings(ObjectNode pod) {
        return PodWarnings.of(Field.of(pod, "spec"));
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode pod) {
        var fields = new TreeMap<String, String>();
        var spec = pod.path("spec");
        var status = pod.path("status");
        for (var name : new String[] {"nodeName", "restartPolicy", "schedulerName", "serviceAccountName"}) {
            fields.put("spec." + name, Meta.text(spec, name));
        }
        fields.put("spec.hostNetwork", String.valueOf(spec.path("hostNetwork").booleanValue(false)));
        for (var name : new String[] {"phase", "podIP", "nominatedNodeName"}) {
            fields.put("status." + name, Meta.text(status, name));
        }
        return fields;
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.copyOf(
                selectableFields(JsonNodeFactory.instance.objectNode()).keySet());
    }

    @Override
    public @Nullable Long gracePeriodSeconds(ObjectNode pod, @Nullable Long requested) {
        var phase = Meta.text(pod, "status", "phase");
        if (Meta.text(pod, "spec", "nodeName").isEmpty() || phase.equals("Failed") || phase.equals("Succeeded")) {
            return 0L;
        }
        long seconds = requested != null
                ? requested
                : pod.path("spec").path("terminationGracePeriodSeconds").longValue(30);
        return seconds < 0 ? 1L : seconds;
    }
}
