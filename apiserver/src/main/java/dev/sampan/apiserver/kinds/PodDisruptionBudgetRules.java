package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** PodDisruptionBudgets. */
final class PodDisruptionBudgetRules implements KindRules {

    private static final List<String> COUNTS =
            List.of("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods");

    /** The counts are there even where a client leaves zeros out. */
    @Override
    public void setDefaults(ObjectNode budget) {
        var status = Defaults.object(budget, "status");
        COUNTS.forEach(name -> Defaults.number(status, name, 0));
    }

    @Override
    public List<FieldError> validate(ObjectNode budget) {
        var errors = new Errors();
        var spec = Field.of(budget, "spec");
        if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
            errors.invalid(spec, "minAvailable and maxUnavailable cannot be both set");
        }
        Workloads.countOrPercent(errors, spec.at("minAvailable"), true);
        Workloads.countOrPercent(errors, spec.at("maxUnavailable"), true);
        errors.selector(spec.at("selector"));
        if (spec.has("unhealthyPodEvictionPolicy")) {
            errors.oneOf(spec.at("unhealthyPodEvictionPolicy"), List.of("AlwaysAllow", "IfHealthyBudget"));
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateStatusUpdate(ObjectNode budget, ObjectNode old) {
        var errors = new Errors();
        var status = Field.of(budget, "status");
        for (var name : COUNTS) {
            errors.notNegative(status.at(name));
        }
        return errors.list();
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }
}
