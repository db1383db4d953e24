package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One topology spread constraint of a pod.
 *
 * @param minDomains at least so many domains are taken to exist
 * @param honorAffinity whether nodes that the pod's node affinity excludes are left out of the count
 * @param honorTaints whether nodes whose taints the pod does not tolerate are left out of the count
 * @param hard DoNotSchedule rather than ScheduleAnyway
 */
public record SpreadConstraint(
        int maxSkew,
        String topologyKey,
        boolean hard,
        int minDomains,
        boolean honorAffinity,
        boolean honorTaints,
        PodMatcher pods,
        boolean selfMatch) {

    static SpreadConstraint of(TopologySpreadConstraint constraint, String namespace, Map<String, String> podLabels) {
        LabelMatcher labels = AffinityTerm.withOwnValues(
                LabelMatcher.of(constraint.getLabelSelector()),
                constraint.getMatchLabelKeys(),
                podLabels,
                Requirement.Operator.IN);
        return new SpreadConstraint(
                Objects.requireNonNullElse(constraint.getMaxSkew(), 1),
                constraint.getTopologyKey(),
                !"ScheduleAnyway".equals(constraint.getWhenUnsatisfiable()),
                Objects.requireNonNullElse(constraint.getMinDomains(), 1),
                !"Ignore".equals(constraint.getNodeAffinityPolicy()),
                "Honor".equals(constraint.getNodeTaintsPolicy()),
                new PodMatcher(Set.of(namespace), null, labels, true),
                labels.matches(podLabels));
    }

    SpreadConstraint withPods(PodMatcher canonical) {
        return new SpreadConstraint(
                maxSkew, topologyKey, hard, minDomains, honorAffinity, honorTaints, canonical, selfMatch);
    }
}
