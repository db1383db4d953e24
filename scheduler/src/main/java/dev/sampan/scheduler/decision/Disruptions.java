package dev.sampan.scheduler.decision;

import dev.sampan.scheduler.snapshot.LabelMatcher;
import dev.sampan.scheduler.snapshot.PodInfo;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Tells which evictions disruption budgets still allow. */
record Disruptions(List<Budget> budgets) {

    private record Budget(String namespace, LabelMatcher pods, int allowed, Map<String, String> alreadyDisrupted) {}

    record Split(List<PodInfo> violating, List<PodInfo> harmless) {}

    static Disruptions of(Collection<PodDisruptionBudget> objects) {
        List<Budget> budgets = new ArrayList<>();
        for (PodDisruptionBudget object : objects) {
            LabelMatcher pods = LabelMatcher.of(object.getSpec().getSelector());
            // An empty selector of a budget would match all pods; upstream's preemption leaves such budgets out.
            if (!pods.equals(LabelMatcher.EVERYTHING)) {
                var status = object.getStatus();
                budgets.add(new Budget(
                        object.getMetadata().getNamespace(),
                        pods,
                        status == null ? 0 : Objects.requireNonNullElse(status.getDisruptionsAllowed(), 0),
                        status == null || status.getDisruptedPods() == null ? Map.of() : status.getDisruptedPods()));
            }
        }
        return new Disruptions(budgets);
    }

    /** @param pods the most important first: they use up what the budgets allow */
    Split split(List<PodInfo> pods) {
        int[] left = budgets.stream().mapToInt(Budget::allowed).toArray();
        Split result = new Split(new ArrayList<>(), new ArrayList<>());
        for (PodInfo pod : pods) {
            boolean violates = false;
            for (int i = 0; i < left.length; i++) {
                Budget budget = budgets.get(i);
                if (budget.namespace.equals(pod.namespace())
                        && !pod.labels().isEmpty()
                        && budget.pods.matches(pod.labels())
                        && !budget.alreadyDisrupted.containsKey(pod.name())) {
                    violates |= --left[i] < 0;
                }
            }
            (violates ? result.violating : result.harmless).add(pod);
        }
        return result;
    }
}
