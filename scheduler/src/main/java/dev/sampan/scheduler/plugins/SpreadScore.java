package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import dev.sampan.scheduler.snapshot.SpreadConstraint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ScheduleAnyway constraints of one pod. Domains with fewer matching pods score higher; a constraint over many
 * domains weighs more (logarithm of their number), as in KEP-1258.
 */
record SpreadScore(List<Weighed> constraints, List<SpreadConstraint> soft) implements ScorePlugin.NodeScore {

    private static final String HOSTNAME = "kubernetes.io/hostname";

    /** Marks a node that lacks a topology key; becomes 0. */
    private static final long IGNORED = -1;

    private record Weighed(SpreadConstraint constraint, double weight, Map<String, Integer> domains) {}

    static SpreadScore of(PodInfo pod, List<SpreadConstraint> soft, Snapshot snapshot, List<NodeInfo> feasible) {
        List<Weighed> weighed = new ArrayList<>();
        for (SpreadConstraint constraint : soft) {
            Map<String, Integer> domains = new HashMap<>();
            int nodes = 0;
            for (NodeInfo node : feasible) {
                if (PodTopologySpread.hasAllKeys(node, soft)) {
                    domains.put(String.valueOf(node.label(constraint.topologyKey())), 0);
                    nodes++;
                }
            }
            boolean perNode = constraint.topologyKey().equals(HOSTNAME);
            if (!perNode) {
                count(pod, constraint, soft, snapshot, domains);
            }
            weighed.add(new Weighed(constraint, Math.log((perNode ? nodes : domains.size()) + 2.0), domains));
        }
        return new SpreadScore(weighed, soft);
    }

    private static void count(
            PodInfo pod,
            SpreadConstraint constraint,
            List<SpreadConstraint> soft,
            Snapshot snapshot,
            Map<String, Integer> domains) {
        for (NodeInfo node : snapshot.nodes()) {
            if (PodTopologySpread.hasAllKeys(node, soft) && PodTopologySpread.counted(pod, constraint, node)) {
                domains.computeIfPresent(
                        String.valueOf(node.label(constraint.topologyKey())),
                        (domain, count) -> count + node.count(constraint.pods()));
            }
        }
    }

    @Override
    public long score(NodeInfo node) {
        if (!PodTopologySpread.hasAllKeys(node, soft)) {
            return IGNORED;
        }
        double sum = 0;
        for (Weighed weighed : constraints) {
            SpreadConstraint constraint = weighed.constraint;
            int here = constraint.topologyKey().equals(HOSTNAME)
                    ? node.count(constraint.pods())
                    : weighed.domains.getOrDefault(String.valueOf(node.label(constraint.topologyKey())), 0);
            sum += here * weighed.weight + (constraint.maxSkew() - 1);
        }
        return Math.round(sum);
    }

    @Override
    public void normalize(long[] scores) {
        long lowest = Long.MAX_VALUE;
        long highest = 0;
        for (long score : scores) {
            if (score != IGNORED) {
                lowest = Math.min(lowest, score);
                highest = Math.max(highest, score);
            }
        }
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] == IGNORED) {
                scores[i] = 0;
            } else {
                scores[i] = highest == 0
                        ? ScorePlugin.MAX_SCORE
                        : ScorePlugin.MAX_SCORE * (highest + lowest - scores[i]) / highest;
            }
        }
    }
}
