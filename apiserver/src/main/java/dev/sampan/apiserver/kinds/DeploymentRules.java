package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Deployments. */
final class DeploymentRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode deployment) {
        var spec = Workloads.spec(deployment);
        Defaults.number(spec, "replicas", 1);
        var strategy = Defaults.object(spec, "strategy");
        Defaults.text(strategy, "type", "RollingUpdate");
        if (strategy.path("type").stringValue("").equals("RollingUpdate")) {
            var rolling = Defaults.object(strategy, "rollingUpdate");
            Defaults.text(rolling, "maxUnavailable", "25%");
            Defaults.text(rolling, "maxSurge", "25%");
        }
        Defaults.number(spec, "revisionHistoryLimit", 10);
        Defaults.number(spec, "progressDeadlineSeconds", 600);
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void prepareForCreate(ObjectNode deployment, RequestContext context) {
        UnnamedContainer.name(deployment.path("spec").path("template").path("spec"), "spec.template.spec", context);
    }

    @Override
    public void prepareForUpdate(ObjectNode deployment, ObjectNode old, RequestContext context) {
        prepareForCreate(deployment, context);
    }

    @Override
    public List<FieldError> validate(ObjectNode deployment) {
        var errors = new Errors();
        var spec = Field.of(deployment, "spec");
        errors.notNegative(spec.at("replicas"));
        errors.notNegative(spec.at("minReadySeconds"));
        Workloads.selectorAndTemplate(errors, spec, "deployment");
        Workloads.alwaysRunning(errors, spec.at("template"));
        strategy(errors, spec.at("strategy"));
        errors.notNegative(spec.at("revisionHistoryLimit"));
        var deadline = spec.at("progressDeadlineSeconds");
        errors.notNegative(deadline);
        if (deadline.present()
                && deadline.number(0) <= spec.at("minReadySeconds").number(0)) {
            errors.invalid(deadline, "must be greater than minReadySeconds");
        }
        return errors.list();
    }

    private static void strategy(Errors errors, Field strategy) {
        var rolling = strategy.at("rollingUpdate");
        switch (strategy.text("type")) {
            case "Recreate" -> {
                if (rolling.present()) {
                    errors.forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'");
                }
            }
            case "RollingUpdate" -> {
                var surge = rolling.at("maxSurge");
                var unavailable = rolling.at("maxUnavailable");
                Workloads.countOrPercent(errors, unavailable, true);
                Workloads.countOrPercent(errors, surge, false);
                if (Workloads.isZero(unavailable) && Workloads.isZero(surge)) {
                    errors.invalid(unavailable, "may not be 0 when `maxSurge` is 0");
                }
            }
            default ->
                errors.add(FieldError.notSupported(
                        strategy.at("type").path(), strategy.text("type"), List.of("Recreate", "RollingUpdate")));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode deployment, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(deployment, "spec").at("selector"),
                Field.of(old, "spec").at("selector"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode deployment, ObjectNode old) {
        var errors = new Errors();
        var status = Field.of(deployment, "status");
        for (var name : new String[] {
            "observedGeneration",
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
            "unavailableReplicas"
        }) {
            errors.notNegative(status.at(name));
        }
        ReplicaSetRules.notMoreThan(errors, status, "updatedReplicas", "replicas", "status.replicas");
        ReplicaSetRules.notMoreThan(errors, status, "readyReplicas", "replicas", "status.replicas");
        ReplicaSetRules.notMoreThan(errors, status, "availableReplicas", "replicas", "status.replicas");
        ReplicaSetRules.notMoreThan(errors, status, "availableReplicas", "readyReplicas", "readyReplicas");
        return errors.list();
    }

    @Override
    public List<String> warnings(ObjectNode deployment) {
        return Workloads.templateWarnings(deployment);
    }
}
