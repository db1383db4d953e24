package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Resources;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prefers nodes whose CPU and memory would be used to a similar share. */
final class BalancedAllocation implements ScorePlugin {

    @Override
    public String name() {
        return "NodeResourcesBalancedAllocation";
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public @Nullable NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
        Resources request = pod.requests();
        if (request.milliCpu() == 0 && request.memory() == 0) {
            return null;
        }
        return node -> {
            Resources total = node.allocatable();
            Resources used = node.requested();
            if (total.milliCpu() == 0 || total.memory() == 0) {
                return MAX_SCORE;
            }
            double cpu = share(request.milliCpu() + used.milliCpu(), total.milliCpu());
            double memory = share(request.memory() + used.memory(), total.memory());
            return (long) ((1 - Math.abs(cpu - memory) / 2) * MAX_SCORE);
        };
    }

    private static double share(long used, long total) {
        return Math.min(1, (double) used / total);
    }
}
