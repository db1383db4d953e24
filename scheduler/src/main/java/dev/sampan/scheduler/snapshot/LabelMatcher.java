package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled label selector. */
public record LabelMatcher(boolean nothing, List<Requirement> requirements) {

    public static final LabelMatcher NOTHING = new LabelMatcher(true, List.of());
    public static final LabelMatcher EVERYTHING = new LabelMatcher(false, List.of());

    /** A missing selector matches nothing, an empty one everything. */
    public static LabelMatcher of(@Nullable LabelSelector selector) {
        if (selector == null) {
            return NOTHING;
        }
        List<Requirement> requirements = new ArrayList<>(equalTo(selector.getMatchLabels()));
        if (selector.getMatchExpressions() != null) {
            for (var expression : selector.getMatchExpressions()) {
                requirements.add(Requirement.of(expression.getKey(), expression.getOperator(), expression.getValues()));
            }
        }
        return new LabelMatcher(false, List.copyOf(requirements));
    }

    /** Matches labels that contain all the given ones. */
    public static LabelMatcher ofLabels(@Nullable Map<String, String> labels) {
        return new LabelMatcher(false, equalTo(labels));
    }

    private static List<Requirement> equalTo(@Nullable Map<String, String> labels) {
        if (labels == null) {
            return List.of();
        }
        return labels.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e -> new Requirement(e.getKey(), Requirement.Operator.IN, Set.of(e.getValue())))
                .toList();
    }

    /** This selector narrowed by one more requirement. */
    LabelMatcher and(Requirement requirement) {
        if (nothing) {
            return this;
        }
        List<Requirement> all = new ArrayList<>(requirements);
        all.add(requirement);
        return new LabelMatcher(false, List.copyOf(all));
    }

    public boolean matches(Map<String, String> labels) {
        if (nothing) {
            return false;
        }
        for (Requirement requirement : requirements) {
            if (!requirement.matches(labels)) {
                return false;
            }
        }
        return true;
    }
}
