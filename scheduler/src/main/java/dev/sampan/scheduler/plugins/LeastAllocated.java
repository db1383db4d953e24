package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Resources;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prefers nodes with more CPU and memory left: the mean of both free shares once the pod is there. */
final class LeastAllocated implements ScorePlugin {

    @Override
    public String name() {
        return "NodeResourcesLeastAllocated";
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public @Nullable NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
        Resources request = pod.scoringRequests();
        return node -> {
            Resources total = node.allocatable();
            Resources used = node.scoringRequested();
            long sum = 0;
            int resources = 0;
            if (total.milliCpu() > 0) {
                sum += free(request.milliCpu() + used.milliCpu(), total.milliCpu());
                resources++;
            }
            if (total.memory() > 0) {
                sum += free(request.memory() + used.memory(), total.memory());
                resources++;
            }
            return resources == 0 ? 0 : sum / resources;
        };
    }

    private static long free(long used, long total) {
        return used > total ? 0 : (long) ((double) (total - used) * MAX_SCORE / total);
    }
}
