package dev.sampan.controllers.disruption;

import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.pods.Scaled;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a budget allows, as kube-controller-manager's disruption controller reckons it. */
final class Budget {

    /** An eviction that was let through and has not been seen to delete its pod is forgotten after this time. */
    static final Duration EVICTION_TIMEOUT = Duration.ofMinutes(2);

    private Budget() {}

    /** Whether the budget is a share of the pods that there should be, so that the scale of their controllers must be known. */
    static boolean needsScale(PodDisruptionBudget budget) {
        var spec = budget.getSpec();
        return spec.getMaxUnavailable() != null || isPercent(spec.getMinAvailable());
    }

    private static boolean isPercent(@Nullable IntOrString value) {
        return value != null && value.getStrVal() != null;
    }

    /**
     * The status.
     *
     * @param pods all that the budget selects
     * @param scale how many pods their controllers want together; only looked at where {@link #needsScale}
     */
    static PodDisruptionBudgetStatus decide(PodDisruptionBudget budget, List<Pod> pods, int scale, Instant now) {
        var spec = budget.getSpec();
        int expected = needsScale(budget) ? scale : pods.size();
        int desired = spec.getMaxUnavailable() != null
                ? Math.max(0, expected - Scaled.of(spec.getMaxUnavailable(), expected, true))
                : Scaled.of(spec.getMinAvailable(), expected, true);
        var disrupted = disrupted(budget, pods, now);
        int healthy = (int) pods.stream()
                .filter(pod -> !Pods.isTerminating(pod)
                        && Pods.isReady(pod)
                        && !disrupted.containsKey(pod.getMetadata().getName()))
                .count();
        int allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
        var status = new PodDisruptionBudgetStatusBuilder()
                .withObservedGeneration(budget.getMetadata().getGeneration())
                .withExpectedPods(expected)
                .withDesiredHealthy(desired)
                .withCurrentHealthy(healthy)
                .withDisruptionsAllowed(allowed)
                .withDisruptedPods(disrupted.isEmpty() ? null : disrupted)
                .build();
        condition(budget, status, allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now);
        return status;
    }

    /** The status when the pods that there should be cannot be counted: nothing may go. */
    static PodDisruptionBudgetStatus unknown(PodDisruptionBudget budget, String why, Instant now) {
        var status = budget.getStatus() == null
                ? new PodDisruptionBudgetStatus()
                : new PodDisruptionBudgetStatusBuilder(budget.getStatus()).build();
        status.setObservedGeneration(budget.getMetadata().getGeneration());
        status.setDisruptionsAllowed(0);
        condition(budget, status, false, "SyncFailed", why, now);
        return status;
    }

    /** Evictions that were let through and whose pods are still there, by pod. */
    private static Map<String, String> disrupted(PodDisruptionBudget budget, List<Pod> pods, Instant now) {
        if (budget.getStatus() == null || budget.getStatus().getDisruptedPods() == null) {
            return Map.of();
        }
        var staying = pods.stream()
                .filter(pod -> !Pods.isTerminating(pod))
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toSet());
        var disrupted = new HashMap<>(budget.getStatus().getDisruptedPods());
        disrupted
                .entrySet()
                .removeIf(entry -> !staying.contains(entry.getKey())
                        || Instant.parse(entry.getValue())
                                .plus(EVICTION_TIMEOUT)
                                .isBefore(now));
        return disrupted;
    }

    private static void condition(
            PodDisruptionBudget budget,
            PodDisruptionBudgetStatus status,
            boolean holds,
            String reason,
            String message,
            Instant now) {
        var value = holds ? "True" : "False";
        var before = budget.getStatus() == null
                ? null
                : budget.getStatus().getConditions().stream()
                        .filter(c -> c.getType().equals("DisruptionAllowed")
                                && c.getStatus().equals(value))
                        .findFirst()
                        .orElse(null);
        status.setConditions(List.of(new ConditionBuilder()
                .withType("DisruptionAllowed")
                .withStatus(value)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(budget.getMetadata().getGeneration())
                .withLastTransitionTime(
                        before == null
                                ? now.truncatedTo(ChronoUnit.SECONDS).toString()
                                : before.getLastTransitionTime())
                .build()));
    }
}
