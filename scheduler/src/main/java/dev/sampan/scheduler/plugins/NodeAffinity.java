package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.NodeCheck;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.NodeMatcher;
import dev.sampan.scheduler.snapshot.NodePreference;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds pods to nodeSelector and node affinity, and prefers nodes by the preferred terms. */
final class NodeAffinity implements FilterPlugin, ScorePlugin {

    private final Rejection mismatch =
            Rejection.unresolvable(this, "node(s) didn't match Pod's node affinity/selector");

    @Override
    public String name() {
        return "NodeAffinity";
    }

    @Override
    public int weight() {
        return 2;
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        NodeMatcher required = pod.requiredNodes();
        if (required == null && pod.nodeSelector().requirements().isEmpty()) {
            return Prefilter.SKIP;
        }
        NodeCheck check = node -> pod.selects(node) ? null : mismatch;
        Set<String> names = required == null ? null : required.nodeNames();
        if (names == null) {
            return new Prefilter.Check(check);
        }
        return names.isEmpty() ? new Prefilter.Reject(mismatch) : new Prefilter.CheckOnly(names, check);
    }

    @Override
    public @Nullable NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
        if (pod.preferredNodes().isEmpty()) {
            return null;
        }
        return NodeScore.scaled(node -> preference(pod, node), false);
    }

    private static long preference(PodInfo pod, NodeInfo node) {
        long sum = 0;
        for (NodePreference preference : pod.preferredNodes()) {
            if (preference.term().matches(node)) {
                sum += preference.weight();
            }
        }
        return sum;
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return event instanceof ClusterEvent.NodeChanged(var before, var after)
                && pod.selects(after)
                && (before == null || !pod.selects(before));
    }
}
