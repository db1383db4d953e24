package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** DaemonSets. */
final class DaemonSetRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode set) {
        var spec = Workloads.spec(set);
        var strategy = Defaults.object(spec, "updateStrategy");
        Defaults.text(strategy, "type", "RollingUpdate");
        if (strategy.path("type").stringValue("").equals("RollingUpdate")) {
            var rolling = Defaults.object(strategy, "rollingUpdate");
            Defaults.number(rolling, "maxUnavailable", 1);
            Defaults.number(rolling, "maxSurge", 0);
        }
        Defaults.number(spec, "revisionHistoryLimit", 10);
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void prepareForCreate(ObjectNode set, RequestContext context) {
        UnnamedContainer.name(set.path("spec").path("template").path("spec"), "spec.template.spec", context);
    }

    @Override
    public List<FieldError> validate(ObjectNode set) {
        var errors = new Errors();
        var spec = Field.of(set, "spec");
        Workloads.selectorAndTemplate(errors, spec, "daemonset");
        Workloads.alwaysRunning(errors, spec.at("template"));
        errors.notNegative(spec.at("minReadySeconds"));
        errors.notNegative(spec.at("revisionHistoryLimit"));
        strategy(errors, spec.at("updateStrategy"));
        return errors.list();
    }

    private static void strategy(Errors errors, Field strategy) {
        switch (strategy.text("type")) {
            case "OnDelete" -> {}
            case "RollingUpdate" -> {
                var unavailable = strategy.at("rollingUpdate").at("maxUnavailable");
                var surge = strategy.at("rollingUpdate").at("maxSurge");
                Workloads.countOrPercent(errors, unavailable, true);
                Workloads.countOrPercent(errors, surge, true);
                if (!Workloads.isZero(surge) && !Workloads.isZero(unavailable)) {
                    errors.invalid(surge, "may not be set when maxUnavailable is non-zero");
                } else if (Workloads.isZero(surge) && Workloads.isZero(unavailable)) {
                    errors.required(unavailable, "cannot be 0 when maxSurge is 0");
                }
            }
            default ->
                errors.add(FieldError.notSupported(
                        strategy.at("type").path(), strategy.text("type"), List.of("OnDelete", "RollingUpdate")));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode set, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(set, "spec").at("selector"), Field.of(old, "spec").at("selector"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode set, ObjectNode old) {
        var errors = new Errors();
        var status = Field.of(set, "status");
        for (var name : new String[] {
            "currentNumberScheduled",
            "numberMisscheduled",
            "desiredNumberScheduled",
            "numberReady",
            "observedGeneration",
            "updatedNumberScheduled",
            "numberAvailable",
            "numberUnavailable"
        }) {
            errors.notNegative(status.at(name));
        }
        return errors.list();
    }

    @Override
    public List<String> warnings(ObjectNode set) {
        return Workloads.templateWarnings(set);
    }
}
