package dev.sampan.scheduler.decision;

import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.NodeCheck;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All filters prepared for one pod and one snapshot.
 *
 * @param onlyNodes the nodes that come into question; null for all
 * @param rejection set when no node will do
 */
record PreparedFilters(
        PodInfo pod,
        Snapshot snapshot,
        List<NodeCheck> checks,
        @Nullable Set<String> onlyNodes,
        @Nullable Rejection rejection) {

    static PreparedFilters of(List<FilterPlugin> plugins, PodInfo pod, Snapshot snapshot) {
        List<NodeCheck> checks = new ArrayList<>();
        Set<String> only = null;
        for (FilterPlugin plugin : plugins) {
            switch (plugin.prefilter(pod, snapshot)) {
                case Prefilter.Skip _ -> {}
                case Prefilter.Reject(var rejection) -> {
                    return new PreparedFilters(pod, snapshot, List.of(), null, rejection);
                }
                case Prefilter.Check(var check) -> checks.add(check);
                case Prefilter.CheckOnly(var names, var check) -> {
                    checks.add(check);
                    if (only == null) {
                        only = new HashSet<>(names);
                    } else {
                        only.retainAll(names);
                    }
                }
            }
        }
        return new PreparedFilters(pod, snapshot, checks, only, null);
    }

    /**
     * Checks a node as it is and, when pods of the same or higher priority wait for room there, also as it will be with
     * them.
     */
    @Nullable
    Rejection check(NodeInfo node) {
        NodeInfo withNominated = node;
        for (PodInfo other : snapshot.nominated(node.name())) {
            if (other.priority() >= pod.priority() && !other.uid().equals(pod.uid())) {
                withNominated = withNominated.with(other);
            }
        }
        if (withNominated != node) {
            Rejection rejection = replacing(node, withNominated).run(withNominated);
            if (rejection != null) {
                return rejection;
            }
        }
        return run(node);
    }

    private @Nullable Rejection run(NodeInfo node) {
        for (NodeCheck check : checks) {
            Rejection rejection = check.check(node);
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }

    /** The same filters when one node has other pods. */
    PreparedFilters replacing(NodeInfo before, NodeInfo after) {
        List<NodeCheck> changed = new ArrayList<>(checks.size());
        for (NodeCheck check : checks) {
            changed.add(check.replacing(before, after));
        }
        return new PreparedFilters(pod, snapshot, changed, onlyNodes, rejection);
    }
}
