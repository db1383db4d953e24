package dev.sampan.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether tolerations cover taints; the rules are those of the Kubernetes API reference for {@code Toleration}. */
final class Tolerations {

    private Tolerations() {}

    static boolean tolerate(List<Toleration> tolerations, Taint taint) {
        for (Toleration toleration : tolerations) {
            if (tolerates(toleration, taint)) {
                return true;
            }
        }
        return false;
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        if (isSet(toleration.getEffect()) && !toleration.getEffect().equals(taint.getEffect())) {
            return false;
        }
        if (isSet(toleration.getKey()) && !toleration.getKey().equals(taint.getKey())) {
            return false;
        }
        String operator = isSet(toleration.getOperator()) ? toleration.getOperator() : "Equal";
        return switch (operator) {
            case "Exists" -> true;
            case "Equal" ->
                isSet(toleration.getKey())
                        && Objects.requireNonNullElse(toleration.getValue(), "")
                                .equals(Objects.requireNonNullElse(taint.getValue(), ""));
            case "Lt" -> compare(toleration, taint) < 0;
            case "Gt" -> compare(toleration, taint) > 0;
            default -> false;
        };
    }

    /** Taint's value against toleration's as integers; 0 when one is not an integer. */
    private static int compare(Toleration toleration, Taint taint) {
        try {
            return Long.compare(Long.parseLong(taint.getValue()), Long.parseLong(toleration.getValue()));
        } catch (NumberFormatException notAnInteger) {
            return 0;
        }
    }

    static boolean keepsOut(Taint taint) {
        return "NoSchedule".equals(taint.getEffect()) || "NoExecute".equals(taint.getEffect());
    }

    /** The first taint that keeps such a pod out, or null. */
    static @Nullable Taint firstUntolerated(List<Taint> taints, List<Toleration> tolerations) {
        for (Taint taint : taints) {
            if (keepsOut(taint) && !tolerate(tolerations, taint)) {
                return taint;
            }
        }
        return null;
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isEmpty();
    }
}
