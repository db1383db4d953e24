package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * "Near (or away from) those pods", where near means the same value of a node label.
 *
 * @param weight of a preferred term; negative for anti-affinity, 0 for a required term
 */
public record AffinityTerm(String topologyKey, PodMatcher pods, int weight) {

    static AffinityTerm of(PodAffinityTerm term, String namespace, Map<String, String> podLabels, int weight) {
        Set<String> namespaces = new HashSet<>();
        if (term.getNamespaces() != null) {
            namespaces.addAll(term.getNamespaces());
        }
        if (namespaces.isEmpty() && term.getNamespaceSelector() == null) {
            namespaces.add(namespace);
        }
        LabelMatcher labels = LabelMatcher.of(term.getLabelSelector());
        labels = withOwnValues(labels, term.getMatchLabelKeys(), podLabels, Requirement.Operator.IN);
        labels = withOwnValues(labels, term.getMismatchLabelKeys(), podLabels, Requirement.Operator.NOT_IN);
        LabelMatcher namespaceSelector =
                term.getNamespaceSelector() == null ? null : LabelMatcher.of(term.getNamespaceSelector());
        return new AffinityTerm(
                term.getTopologyKey(), new PodMatcher(namespaces, namespaceSelector, labels, false), weight);
    }

    /** Adds "same value as mine" (or "another than mine") for each key that the pod has. */
    static LabelMatcher withOwnValues(
            LabelMatcher labels, List<String> keys, Map<String, String> podLabels, Requirement.Operator operator) {
        if (keys == null) {
            return labels;
        }
        for (String key : keys) {
            String value = podLabels.get(key);
            if (value != null) {
                labels = labels.and(new Requirement(key, operator, Set.of(value)));
            }
        }
        return labels;
    }

    AffinityTerm withPods(PodMatcher canonical) {
        return new AffinityTerm(topologyKey, canonical, weight);
    }
}
