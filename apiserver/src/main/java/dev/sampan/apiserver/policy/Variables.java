package dev.sampan.apiserver.policy;

import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelFailure;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A policy's {@code variables}: each is computed when an expression first asks for it. Owned by one evaluation. */
final class Variables extends AbstractMap<String, Object> {

    private final Map<String, CelExpression> expressions;
    private final Map<String, Object> environment;
    private final Map<String, Object> values = new HashMap<>();

    /** @param environment what the expressions see, this map included */
    Variables(Map<String, CelExpression> expressions, Map<String, Object> environment) {
        this.expressions = expressions;
        this.environment = environment;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return expressions.containsKey(key);
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        var expression = expressions.get(key);
        if (expression == null) {
            return null;
        }
        var name = String.valueOf(key);
        var known = values.get(name);
        if (known != null) {
            return known;
        }
        try {
            var value = expression.evaluate(environment);
            values.put(name, value);
            return value;
        } catch (CelFailure e) {
            throw new IllegalArgumentException(
                    "composited variable \"%s\" fails to evaluate: %s".formatted(name, e.getMessage()));
        }
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        var all = new LinkedHashMap<String, Object>();
        expressions.keySet().forEach(name -> all.put(name, java.util.Objects.requireNonNull(get(name))));
        return new LinkedHashSet<>(all.entrySet());
    }
}
