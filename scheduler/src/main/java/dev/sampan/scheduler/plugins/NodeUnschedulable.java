package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.Taint;

/** Keeps pods off cordoned nodes unless they tolerate the taint that stands for it. */
final class NodeUnschedulable implements FilterPlugin {

    private static final Taint CORDONED = new Taint("NoSchedule", "node.kubernetes.io/unschedulable", null, null);

    private final Rejection cordoned = Rejection.unresolvable(this, "node(s) were unschedulable");

    @Override
    public String name() {
        return "NodeUnschedulable";
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        return Tolerations.tolerate(pod.tolerations(), CORDONED)
                ? Prefilter.SKIP
                : new Prefilter.Check(node -> node.unschedulable() ? cordoned : null);
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return event instanceof ClusterEvent.NodeChanged(var before, var after)
                && !after.unschedulable()
                && (before == null || before.unschedulable());
    }
}
