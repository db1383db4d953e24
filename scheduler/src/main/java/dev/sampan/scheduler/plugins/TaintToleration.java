package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.framework.ScorePlugin;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps pods off nodes with taints that they do not tolerate, and prefers nodes with fewer soft ones. */
final class TaintToleration implements FilterPlugin, ScorePlugin {

    @Override
    public String name() {
        return "TaintToleration";
    }

    @Override
    public int weight() {
        return 3;
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        List<Toleration> tolerations = pod.tolerations();
        return new Prefilter.Check(node -> {
            Taint taint = Tolerations.firstUntolerated(node.taints(), tolerations);
            return taint == null ? null : Rejection.unresolvable(this, message(taint));
        });
    }

    private static String message(Taint taint) {
        return "node(s) had untolerated taint {%s: %s}"
                .formatted(taint.getKey(), Objects.requireNonNullElse(taint.getValue(), ""));
    }

    @Override
    public @Nullable NodeScore prescore(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
        List<Toleration> soft = pod.tolerations().stream()
                .filter(t -> t.getEffect() == null
                        || t.getEffect().isEmpty()
                        || t.getEffect().equals("PreferNoSchedule"))
                .toList();
        return NodeScore.scaled(node -> untoleratedSoft(node.taints(), soft), true);
    }

    private static long untoleratedSoft(List<Taint> taints, List<Toleration> tolerations) {
        long count = 0;
        for (Taint taint : taints) {
            if ("PreferNoSchedule".equals(taint.getEffect()) && !Tolerations.tolerate(tolerations, taint)) {
                count++;
            }
        }
        return count;
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return event instanceof ClusterEvent.NodeChanged(var before, var after)
                && Tolerations.firstUntolerated(after.taints(), pod.tolerations()) == null
                && (before == null || Tolerations.firstUntolerated(before.taints(), pod.tolerations()) != null);
    }
}
