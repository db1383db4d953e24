package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.NodeCheck;
import dev.sampan.scheduler.framework.Plugin;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import dev.sampan.scheduler.snapshot.SpreadConstraint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The DoNotSchedule constraints of one pod with the matching pods counted in every eligible domain. */
record SpreadCheck(Plugin plugin, PodInfo pod, List<Counted> constraints) implements NodeCheck {

    private static final String SKEWED = "node(s) didn't match pod topology spread constraints";

    /**
     * @param domains pods in each domain that has an eligible node, also those with none
     * @param lowest pods in the emptiest domain; 0 when there are fewer domains than the constraint asks for
     */
    private record Counted(SpreadConstraint constraint, Map<String, Integer> domains, int lowest) {

        static Counted of(SpreadConstraint constraint, Map<String, Integer> domains) {
            int lowest = domains.size() < constraint.minDomains()
                    ? 0
                    : domains.values().stream()
                            .mapToInt(Integer::intValue)
                            .min()
                            .orElse(0);
            return new Counted(constraint, domains, lowest);
        }
    }

    static SpreadCheck of(Plugin plugin, PodInfo pod, List<SpreadConstraint> hard, Snapshot snapshot) {
        List<Counted> counted = new ArrayList<>();
        for (SpreadConstraint constraint : hard) {
            Map<String, Integer> domains = new HashMap<>();
            for (NodeInfo node : snapshot.nodes()) {
                if (PodTopologySpread.hasAllKeys(node, hard) && PodTopologySpread.counted(pod, constraint, node)) {
                    domains.merge(domain(node, constraint), node.count(constraint.pods()), Integer::sum);
                }
            }
            counted.add(Counted.of(constraint, domains));
        }
        return new SpreadCheck(plugin, pod, counted);
    }

    private static String domain(NodeInfo node, SpreadConstraint constraint) {
        return String.valueOf(node.label(constraint.topologyKey()));
    }

    @Override
    public @Nullable Rejection check(NodeInfo node) {
        for (Counted counted : constraints) {
            SpreadConstraint constraint = counted.constraint;
            String domain = node.label(constraint.topologyKey());
            if (domain == null) {
                return Rejection.unresolvable(plugin, SKEWED + " (missing required label)");
            }
            int here = counted.domains.getOrDefault(domain, 0) + (constraint.selfMatch() ? 1 : 0);
            if (here - counted.lowest > constraint.maxSkew()) {
                return Rejection.resolvable(plugin, SKEWED);
            }
        }
        return null;
    }

    @Override
    public NodeCheck replacing(NodeInfo before, NodeInfo after) {
        List<SpreadConstraint> all =
                constraints.stream().map(Counted::constraint).toList();
        if (!PodTopologySpread.hasAllKeys(after, all)) {
            return this;
        }
        List<Counted> changed = new ArrayList<>();
        for (Counted counted : constraints) {
            SpreadConstraint constraint = counted.constraint;
            int delta = after.count(constraint.pods()) - before.count(constraint.pods());
            if (delta == 0 || !PodTopologySpread.counted(pod, constraint, after)) {
                changed.add(counted);
            } else {
                Map<String, Integer> domains = new HashMap<>(counted.domains);
                domains.merge(domain(after, constraint), delta, Integer::sum);
                changed.add(Counted.of(constraint, domains));
            }
        }
        return new SpreadCheck(plugin, pod, changed);
    }
}
