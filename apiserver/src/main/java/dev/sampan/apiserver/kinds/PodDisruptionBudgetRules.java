package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** PodDisruptionBudgets. */
final class PodDisruptionBudgetRules implements KindRules {

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
        for (var name : new String[] {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"}) {
            errors.notNegative(status.at(name));
        }
        return errors.list();
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }
}
