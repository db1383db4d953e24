package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** StatefulSets. */
final class StatefulSetRules implements KindRules {

    private static final Set<String> MUTABLE = Set.of(
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds");
    private static final List<String> RETENTION = List.of("Delete", "Retain");

    @Override
    public void setDefaults(ObjectNode set) {
        var spec = Workloads.spec(set);
        Defaults.text(spec, "podManagementPolicy", "OrderedReady");
        var strategy = Defaults.object(spec, "updateStrategy");
        if (Defaults.blank(strategy, "type")) {
            strategy.put("type", "RollingUpdate");
        }
        if (strategy.path("type").stringValue("").equals("RollingUpdate")) {
            Defaults.number(Defaults.object(strategy, "rollingUpdate"), "partition", 0);
        }
        var retention = Defaults.object(spec, "persistentVolumeClaimRetentionPolicy");
        Defaults.text(retention, "whenDeleted", "Retain");
        Defaults.text(retention, "whenScaled", "Retain");
        Defaults.number(spec, "replicas", 1);
        Defaults.number(spec, "revisionHistoryLimit", 10);
        PodDefaults.template(spec.path("template"));
        for (var c : spec.path("volumeClaimTemplates")) {
            if (c instanceof ObjectNode claim) {
                Defaults.text(claim, "apiVersion", "v1");
                Defaults.text(claim, "kind", "PersistentVolumeClaim");
                PodDefaults.claimSpec(Defaults.object(claim, "spec"));
                Defaults.text(Defaults.object(claim, "status"), "phase", "Pending");
            }
        }
    }

    @Override
    public void prepareForCreate(ObjectNode set, RequestContext context) {
        UnnamedContainer.name(set.path("spec").path("template").path("spec"), "spec.template.spec", context);
    }

    @Override
    public List<FieldError> validate(ObjectNode set) {
        var errors = new Errors();
        var spec = Field.of(set, "spec");
        errors.requiredOneOf(spec.at("podManagementPolicy"), List.of("OrderedReady", "Parallel"));
        strategy(errors, spec.at("updateStrategy"));
        var retention = spec.at("persistentVolumeClaimRetentionPolicy");
        errors.oneOf(retention.at("whenDeleted"), RETENTION);
        errors.oneOf(retention.at("whenScaled"), RETENTION);
        errors.notNegative(spec.at("replicas"));
        errors.notNegative(spec.at("minReadySeconds"));
        errors.notNegative(spec.at("ordinals").at("start"));
        Workloads.selectorAndTemplate(errors, spec, "statefulset");
        // A template may mount volumes that only the claims bring, so they count as declared.
        Workloads.alwaysRunning(errors, new Field(spec.at("template").path(), withClaimVolumes(spec)));
        return errors.list();
    }

    private static tools.jackson.databind.JsonNode withClaimVolumes(Field spec) {
        if (!(spec.value().path("template") instanceof ObjectNode template)
                || spec.value().path("volumeClaimTemplates").isEmpty()) {
            return spec.value().path("template");
        }
        var copy = template.deepCopy();
        var volumes = Defaults.object(copy, "spec").withArray("volumes");
        for (var claim : spec.value().path("volumeClaimTemplates")) {
            var name = Meta.name(claim);
            var declared = false;
            for (var volume : volumes) {
                declared |= Meta.text(volume, "name").equals(name);
            }
            if (!declared) {
                volumes.addObject().put("name", name).putObject("emptyDir");
            }
        }
        return copy;
    }

    private static void strategy(Errors errors, Field strategy) {
        var rolling = strategy.at("rollingUpdate");
        switch (strategy.text("type")) {
            case "" -> errors.required(strategy, "");
            case "OnDelete" -> {
                if (rolling.present()) {
                    errors.invalid(rolling, "only allowed for updateStrategy 'RollingUpdate'");
                }
            }
            case "RollingUpdate" -> {
                errors.notNegative(rolling.at("partition"));
                var unavailable = rolling.at("maxUnavailable");
                Workloads.countOrPercent(errors, unavailable, true);
                if (unavailable.present() && Workloads.isZero(unavailable)) {
                    errors.invalid(unavailable, "cannot be 0");
                }
            }
            default -> errors.invalid(strategy, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode set, ObjectNode old) {
        var errors = new Errors();
        var before = (ObjectNode) old.path("spec").deepCopy();
        var now = (ObjectNode) set.path("spec").deepCopy();
        before.remove(MUTABLE);
        now.remove(MUTABLE);
        if (!before.equals(now)) {
            errors.forbidden(
                    Field.of(set, "spec"),
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
                            + " 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and"
                            + " 'minReadySeconds' are forbidden");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode set, ObjectNode old) {
        var errors = new Errors();
        var status = Field.of(set, "status");
        for (var name : new String[] {
            "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "observedGeneration", "collisionCount"
        }) {
            errors.notNegative(status.at(name));
        }
        ReplicaSetRules.notMoreThan(errors, status, "readyReplicas", "replicas", "status.replicas");
        ReplicaSetRules.notMoreThan(errors, status, "currentReplicas", "replicas", "status.replicas");
        ReplicaSetRules.notMoreThan(errors, status, "updatedReplicas", "replicas", "status.replicas");
        return errors.list();
    }

    @Override
    public List<String> warnings(ObjectNode set) {
        return Workloads.templateWarnings(set);
    }
}
