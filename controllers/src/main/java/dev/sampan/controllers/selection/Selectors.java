package dev.sampan.controllers.selection;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whether labels match a selector. */
public final class Selectors {

    private Selectors() {}

    /** A null selector matches nothing, an empty one everything. */
    public static Predicate<Map<String, String>> matching(@Nullable LabelSelector selector) {
        if (selector == null) {
            return labels -> false;
        }
        return labels -> equal(selector.getMatchLabels(), labels)
                && selector.getMatchExpressions().stream().allMatch(r -> matches(r, labels));
    }

    /** The simple selectors of Services and ReplicationControllers: a null or empty one matches nothing. */
    public static Predicate<Map<String, String>> matching(@Nullable Map<String, String> selector) {
        return labels -> selector != null && !selector.isEmpty() && equal(selector, labels);
    }

    public static boolean isEmpty(@Nullable LabelSelector selector) {
        return selector == null
                || ((selector.getMatchLabels() == null
                                || selector.getMatchLabels().isEmpty())
                        && selector.getMatchExpressions().isEmpty());
    }

    /** An object's labels, never null. */
    public static Map<String, String> labels(HasMetadata object) {
        var labels = object.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static boolean equal(@Nullable Map<String, String> wanted, Map<String, String> labels) {
        return wanted == null
                || wanted.entrySet().stream().allMatch(e -> e.getValue().equals(labels.get(e.getKey())));
    }

    private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
        var value = labels.get(requirement.getKey());
        return switch (requirement.getOperator()) {
            case "In" -> value != null && requirement.getValues().contains(value);
            case "NotIn" -> value == null || !requirement.getValues().contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default ->
                throw new IllegalArgumentException(
                        "\"" + requirement.getOperator() + "\" is not a valid label selector operator");
        };
    }
}
