package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Resources;
import dev.sampan.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps the sum of requests on a node within what it can allocate. */
final class NodeResourcesFit implements FilterPlugin {

    @Override
    public String name() {
        return "NodeResourcesFit";
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        return new Prefilter.Check(node -> check(pod.requests(), node));
    }

    private @Nullable Rejection check(Resources request, NodeInfo node) {
        Resources total = node.allocatable();
        Resources used = node.requested();
        boolean fits = node.pods().size() + 1 <= node.allowedPods()
                && within(request.milliCpu(), used.milliCpu(), total.milliCpu())
                && within(request.memory(), used.memory(), total.memory())
                && within(request.ephemeralStorage(), used.ephemeralStorage(), total.ephemeralStorage())
                && (request.extended().isEmpty() || extendedFit(request, used, total));
        return fits ? null : explain(request, node);
    }

    private static boolean within(long request, long used, long total) {
        return request == 0 || request <= total - used;
    }

    private static boolean extendedFit(Resources request, Resources used, Resources total) {
        for (var entry : request.extended().entrySet()) {
            if (!within(entry.getValue(), used.extended(entry.getKey()), total.extended(entry.getKey()))) {
                return false;
            }
        }
        return true;
    }

    private Rejection explain(Resources request, NodeInfo node) {
        Resources total = node.allocatable();
        Resources used = node.requested();
        List<String> reasons = new ArrayList<>();
        if (node.pods().size() + 1 > node.allowedPods()) {
            reasons.add("Too many pods");
        }
        add(reasons, "cpu", request.milliCpu(), used.milliCpu(), total.milliCpu());
        add(reasons, "memory", request.memory(), used.memory(), total.memory());
        add(
                reasons,
                "ephemeral-storage",
                request.ephemeralStorage(),
                used.ephemeralStorage(),
                total.ephemeralStorage());
        for (var entry : request.extended().entrySet()) {
            String name = entry.getKey();
            add(reasons, name, entry.getValue(), used.extended(name), total.extended(name));
        }
        return new Rejection(name(), List.copyOf(reasons), !exceedsEmptyNode(request, node));
    }

    private static void add(List<String> reasons, String resource, long request, long used, long total) {
        if (!within(request, used, total)) {
            reasons.add("Insufficient " + resource);
        }
    }

    /** Whether the pod would not fit even if it were alone, so that evicting others is of no use. */
    private static boolean exceedsEmptyNode(Resources request, NodeInfo node) {
        Resources total = node.allocatable();
        return node.allowedPods() < 1
                || !within(request.milliCpu(), 0, total.milliCpu())
                || !within(request.memory(), 0, total.memory())
                || !within(request.ephemeralStorage(), 0, total.ephemeralStorage())
                || !extendedFit(request, Resources.NONE, total);
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return switch (event) {
            case ClusterEvent.NodeChanged(var before, var after) ->
                check(pod.requests(), after) == null && (before == null || check(pod.requests(), before) != null);
            case ClusterEvent.PodGone _ -> true;
            case ClusterEvent.PodPlaced _,
                    ClusterEvent.ClaimChanged _,
                    ClusterEvent.StorageChanged _,
                    ClusterEvent.NamespaceChanged _ -> false;
        };
    }
}
