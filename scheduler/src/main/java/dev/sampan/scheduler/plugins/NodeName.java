package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;

/** Keeps a pod that names its node to that node; such a pod comes here only in simulations. */
final class NodeName implements FilterPlugin {

    private final Rejection other = Rejection.unresolvable(this, "node(s) didn't match the requested node name");

    @Override
    public String name() {
        return "NodeName";
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        String wanted = pod.nodeName();
        return wanted == null
                ? Prefilter.SKIP
                : new Prefilter.Check(node -> node.name().equals(wanted) ? null : other);
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return event instanceof ClusterEvent.NodeChanged(var before, var after)
                && before == null
                && after.name().equals(pod.nodeName());
    }
}
