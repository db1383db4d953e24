package dev.sampan.scheduler.framework;

import dev.sampan.scheduler.snapshot.NodeInfo;
import org.jspecify.annotations.Nullable;

/** A filter prepared for one pod and one snapshot. */
@FunctionalInterface
public interface NodeCheck {

    /** @return null when the pod may go there */
    @Nullable
    Rejection check(NodeInfo node);

    /**
     * The check for the snapshot in which one node has other pods. Checks that look only at the node itself stay as they
     * are; those that count pods over several nodes adjust their counts.
     */
    default NodeCheck replacing(NodeInfo before, NodeInfo after) {
        return this;
    }
}
