package dev.sampan.apiserver.policy;

import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelFailure;
import java.util.HashMap;
import java.util.Map;

/**
 * A policy's {@code variables}. Each is computed once, in order, and sees those before it. The runtime walks the whole map when
 * an expression asks for one of them, so that they cannot be computed on demand.
 */
final class Variables {

    private Variables() {}

    /**
     * The variables' values by name. One that cannot be computed is left out: only an expression that asks for it fails.
     *
     * @param environment what the expressions see beside the variables
     */
    static Map<String, Object> of(Map<String, CelExpression> expressions, Map<String, Object> environment) {
        var values = new HashMap<String, Object>();
        var seen = new HashMap<>(environment);
        seen.put("variables", values);
        expressions.forEach((name, expression) -> {
            try {
                values.put(name, expression.evaluate(seen));
            } catch (CelFailure leftOut) {
                values.remove(name);
            }
        });
        return values;
    }
}
