package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.HostPort;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;

/** Keeps two pods from taking the same port of one node. */
final class NodePorts implements FilterPlugin {

    private final Rejection taken =
            Rejection.resolvable(this, "node(s) didn't have free ports for the requested pod ports");

    @Override
    public String name() {
        return "NodePorts";
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        List<HostPort> wanted = pod.hostPorts();
        return wanted.isEmpty()
                ? Prefilter.SKIP
                : new Prefilter.Check(node -> conflict(wanted, node.hostPorts()) ? taken : null);
    }

    private static boolean conflict(List<HostPort> wanted, List<HostPort> used) {
        for (HostPort port : wanted) {
            for (HostPort other : used) {
                if (port.conflicts(other)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return switch (event) {
            case ClusterEvent.NodeChanged(var before, var after) -> before == null;
            case ClusterEvent.PodGone(var gone) -> conflict(pod.hostPorts(), gone.hostPorts());
            case ClusterEvent.PodPlaced _,
                    ClusterEvent.ClaimChanged _,
                    ClusterEvent.StorageChanged _,
                    ClusterEvent.NamespaceChanged _ -> false;
        };
    }
}
