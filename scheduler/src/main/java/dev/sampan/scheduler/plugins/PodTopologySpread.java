package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import dev.sampan.scheduler.snapshot.SpreadConstraint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spreads matching pods evenly over topology domains. */
final class PodTopologySpread implements FilterPlugin, ScorePlugin {

    @Override
    public String name() {
        return "PodTopologySpread";
    }

    @Override
    public int weight() {
        return 2;
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        List<SpreadConstraint> hard =
                pod.spread().stream().filter(SpreadConstraint::hard).toList();
        return hard.isEmpty() ? Prefilter.SKIP : new Prefilter.Check(SpreadCheck.of(this, pod, hard, snapshot));
    }

    @Override
    public @Nullable NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
        List<SpreadConstraint> soft =
                pod.spread().stream().filter(c -> !c.hard()).toList();
        return soft.isEmpty() ? null : SpreadScore.of(pod, soft, snapshot, feasible);
    }

    /** Whether the node takes part in the count of the constraint. */
    static boolean counted(PodInfo pod, SpreadConstraint constraint, NodeInfo node) {
        return (!constraint.honorAffinity() || pod.selects(node))
                && (!constraint.honorTaints()
                        || Tolerations.firstUntolerated(node.taints(), pod.tolerations()) == null);
    }

    static boolean hasAllKeys(NodeInfo node, List<SpreadConstraint> constraints) {
        for (SpreadConstraint constraint : constraints) {
            if (node.label(constraint.topologyKey()) == null) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return switch (event) {
            case ClusterEvent.NodeChanged(var before, var after) ->
                before == null
                        || !before.labels().equals(after.labels())
                        || !before.taints().equals(after.taints());
            case ClusterEvent.PodPlaced(var placed) -> counts(pod, placed);
            case ClusterEvent.PodGone(var gone) -> counts(pod, gone);
            case ClusterEvent.ClaimChanged _, ClusterEvent.StorageChanged _, ClusterEvent.NamespaceChanged _ -> false;
        };
    }

    private static boolean counts(PodInfo pod, PodInfo other) {
        return pod.namespace().equals(other.namespace());
    }
}
