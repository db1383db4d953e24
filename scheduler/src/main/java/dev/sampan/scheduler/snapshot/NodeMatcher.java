package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled node selector: any of its terms must match; a term without conditions matches no node. */
public record NodeMatcher(List<Term> terms) {

    /** All conditions on labels and on fields (only {@code metadata.name} exists) must hold. */
    public record Term(List<Requirement> labels, List<Requirement> fields) {

        public static Term of(NodeSelectorTerm term) {
            return new Term(compile(term.getMatchExpressions()), compile(term.getMatchFields()));
        }

        private static List<Requirement> compile(@Nullable List<NodeSelectorRequirement> requirements) {
            if (requirements == null) {
                return List.of();
            }
            return requirements.stream()
                    .map(r -> Requirement.of(r.getKey(), r.getOperator(), r.getValues()))
                    .toList();
        }

        public boolean matches(NodeInfo node) {
            return matches(node.name(), node.labels());
        }

        boolean matches(String name, Map<String, String> nodeLabels) {
            if (labels.isEmpty() && fields.isEmpty()) {
                return false;
            }
            for (Requirement requirement : labels) {
                if (!requirement.matches(nodeLabels)) {
                    return false;
                }
            }
            Map<String, String> nodeFields = fields.isEmpty() ? Map.of() : Map.of("metadata.name", name);
            return fields.stream().allMatch(r -> r.matches(nodeFields));
        }

        /** The node names that the field conditions allow, or null when they do not name nodes. */
        @Nullable
        Set<String> nodeNames() {
            Set<String> names = null;
            for (Requirement requirement : fields) {
                if (requirement.operator() == Requirement.Operator.IN) {
                    if (names == null) {
                        names = new HashSet<>(requirement.values());
                    } else {
                        names.retainAll(requirement.values());
                    }
                }
            }
            return names;
        }
    }

    public static NodeMatcher of(NodeSelector selector) {
        return new NodeMatcher(
                selector.getNodeSelectorTerms().stream().map(Term::of).toList());
    }

    public boolean matches(NodeInfo node) {
        return terms.stream().anyMatch(term -> term.matches(node));
    }

    /** The only nodes that can match, when every term names nodes; null otherwise. A DaemonSet's pods name one. */
    public @Nullable Set<String> nodeNames() {
        List<Set<String>> all = new ArrayList<>();
        for (Term term : terms) {
            Set<String> names = term.nodeNames();
            if (names == null) {
                return null;
            }
            all.add(names);
        }
        Set<String> union = new HashSet<>();
        all.forEach(union::addAll);
        return union;
    }
}
