package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.kinds.AdmissionExpressions;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelExpressions.Result;
import dev.sampan.schema.cel.CelFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Compiled {@code matchConditions}. Immutable. */
public final class Conditions {

    private record Condition(String name, CelExpression expression) {}

    private final List<Condition> conditions = new ArrayList<>();

    private Conditions() {}

    public static Conditions compile(JsonNode matchConditions) throws CelFailure {
        var result = new Conditions();
        for (var condition : matchConditions) {
            var expression = AdmissionExpressions.conditions().compile(Meta.text(condition, "expression"), Result.BOOL);
            result.conditions.add(new Condition(Meta.text(condition, "name"), expression));
        }
        return result;
    }

    public boolean isEmpty() {
        return conditions.isEmpty();
    }

    /**
     * Whether all conditions hold; one that does not outweighs others that cannot be evaluated.
     *
     * @throws CelFailure when none is false and one cannot be evaluated
     */
    public boolean hold(Map<String, Object> environment) throws CelFailure {
        CelFailure failure = null;
        for (var condition : conditions) {
            try {
                if (!Boolean.TRUE.equals(condition.expression().evaluate(environment))) {
                    return false;
                }
            } catch (CelFailure e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return true;
    }
}
