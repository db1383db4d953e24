package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A pod's wishes about its neighbours; the preferred list holds anti-affinity with negative weights. */
public record PodAffinities(
        List<AffinityTerm> required, List<AffinityTerm> requiredAnti, List<AffinityTerm> preferred) {

    static final PodAffinities NONE = new PodAffinities(List.of(), List.of(), List.of());

    public boolean isEmpty() {
        return required.isEmpty() && requiredAnti.isEmpty() && preferred.isEmpty();
    }

    static PodAffinities of(@Nullable Affinity affinity, String namespace, Map<String, String> labels) {
        if (affinity == null || (affinity.getPodAffinity() == null && affinity.getPodAntiAffinity() == null)) {
            return NONE;
        }
        List<AffinityTerm> required = List.of();
        List<AffinityTerm> requiredAnti = List.of();
        List<AffinityTerm> preferred = new ArrayList<>();
        if (affinity.getPodAffinity() != null) {
            var near = affinity.getPodAffinity();
            required = required(near.getRequiredDuringSchedulingIgnoredDuringExecution(), namespace, labels);
            addPreferred(preferred, near.getPreferredDuringSchedulingIgnoredDuringExecution(), namespace, labels, 1);
        }
        if (affinity.getPodAntiAffinity() != null) {
            var away = affinity.getPodAntiAffinity();
            requiredAnti = required(away.getRequiredDuringSchedulingIgnoredDuringExecution(), namespace, labels);
            addPreferred(preferred, away.getPreferredDuringSchedulingIgnoredDuringExecution(), namespace, labels, -1);
        }
        return new PodAffinities(required, requiredAnti, List.copyOf(preferred));
    }

    private static List<AffinityTerm> required(
            @Nullable List<PodAffinityTerm> terms, String namespace, Map<String, String> labels) {
        return terms == null
                ? List.of()
                : terms.stream()
                        .map(t -> AffinityTerm.of(t, namespace, labels, 0))
                        .toList();
    }

    private static void addPreferred(
            List<AffinityTerm> target,
            @Nullable List<WeightedPodAffinityTerm> terms,
            String namespace,
            Map<String, String> labels,
            int sign) {
        if (terms != null) {
            for (WeightedPodAffinityTerm term : terms) {
                target.add(AffinityTerm.of(term.getPodAffinityTerm(), namespace, labels, sign * term.getWeight()));
            }
        }
    }

    PodAffinities map(UnaryOperator<PodMatcher> change) {
        if (isEmpty()) {
            return this;
        }
        return new PodAffinities(map(required, change), map(requiredAnti, change), map(preferred, change));
    }

    private static List<AffinityTerm> map(List<AffinityTerm> terms, UnaryOperator<PodMatcher> change) {
        return terms.stream().map(t -> t.withPods(change.apply(t.pods()))).toList();
    }
}
