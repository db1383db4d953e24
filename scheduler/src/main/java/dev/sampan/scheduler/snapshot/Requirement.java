package dev.sampan.scheduler.snapshot;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One condition on a label (or, for a node, on a field). */
public record Requirement(String key, Operator operator, Set<String> values) {

    /** Kubernetes' selector operators. */
    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST,
        GT,
        LT
    }

    static Requirement of(String key, String operator, @Nullable List<String> values) {
        Operator parsed = switch (operator) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            case "Gt" -> Operator.GT;
            case "Lt" -> Operator.LT;
            default -> throw new IllegalArgumentException("unknown selector operator " + operator);
        };
        return new Requirement(key, parsed, values == null ? Set.of() : Set.copyOf(values));
    }

    boolean matches(Map<String, String> labels) {
        String value = labels.get(key);
        return switch (operator) {
            case IN -> value != null && values.contains(value);
            case NOT_IN -> value == null || !values.contains(value);
            case EXISTS -> value != null;
            case DOES_NOT_EXIST -> value == null;
            case GT -> compare(value) > 0;
            case LT -> compare(value) < 0;
        };
    }

    /** Compares as integers; 0, that is no match either way, when one of the two is not an integer. */
    private int compare(@Nullable String value) {
        if (value == null || values.size() != 1) {
            return 0;
        }
        try {
            return Long.compare(
                    Long.parseLong(value), Long.parseLong(values.iterator().next()));
        } catch (NumberFormatException notAnInteger) {
            return 0;
        }
    }
}
