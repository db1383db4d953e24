package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.FilterPlugin;
import dev.sampan.scheduler.framework.NodeCheck;
import dev.sampan.scheduler.framework.Prefilter;
import dev.sampan.scheduler.framework.Rejection;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.NodeMatcher;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends a pod only where its volumes can be. A claim that binds at once must be bound already; one that waits for its
 * first consumer is matched with a free volume or provisioned for the chosen node (see {@link VolumePlan}).
 */
final class VolumeBinding implements FilterPlugin {

    @Override
    public String name() {
        return "VolumeBinding";
    }

    @Override
    public Prefilter prefilter(PodInfo pod, Snapshot snapshot) {
        if (pod.claims().isEmpty()) {
            return Prefilter.SKIP;
        }
        List<PersistentVolumeClaim> bound = new ArrayList<>();
        List<PersistentVolumeClaim> delayed = new ArrayList<>();
        boolean unboundImmediate = false;
        for (String name : pod.claims()) {
            PersistentVolumeClaim claim = snapshot.claim(pod.namespace(), name);
            String problem = problem(claim, name);
            if (claim == null || problem != null) {
                return reject(String.valueOf(problem));
            }
            if (Claims.bound(claim)) {
                bound.add(claim);
            } else if (Claims.waitsForConsumer(claim, snapshot)) {
                delayed.add(claim);
            } else {
                unboundImmediate = true;
            }
        }
        return unboundImmediate
                ? reject("pod has unbound immediate PersistentVolumeClaims")
                : new Prefilter.Check(check(bound, delayed, snapshot));
    }

    private Prefilter reject(String reason) {
        return new Prefilter.Reject(Rejection.unresolvable(this, reason));
    }

    private static @Nullable String problem(@Nullable PersistentVolumeClaim claim, String name) {
        if (claim == null) {
            return "persistentvolumeclaim \"%s\" not found".formatted(name);
        }
        if (claim.getMetadata().getDeletionTimestamp() != null) {
            return "persistentvolumeclaim \"%s\" is being deleted".formatted(name);
        }
        if (claim.getStatus() != null && "Lost".equals(claim.getStatus().getPhase())) {
            return "persistentvolumeclaim \"%s\" bound to non-existent persistentvolume \"%s\""
                    .formatted(name, claim.getSpec().getVolumeName());
        }
        return null;
    }

    private NodeCheck check(List<PersistentVolumeClaim> bound, List<PersistentVolumeClaim> delayed, Snapshot snapshot) {
        return node -> {
            for (PersistentVolumeClaim claim : bound) {
                PersistentVolume volume = snapshot.volume(claim.getSpec().getVolumeName());
                if (volume == null) {
                    return Rejection.unresolvable(
                            this, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
                }
                if (!reachable(volume, node)) {
                    return Rejection.unresolvable(this, "node(s) had volume node affinity conflict");
                }
            }
            return delayed.isEmpty() || VolumePlan.of(delayed, node, snapshot) != null
                    ? null
                    : Rejection.unresolvable(this, "node(s) didn't find available persistent volumes to bind");
        };
    }

    static boolean reachable(PersistentVolume volume, NodeInfo node) {
        var affinity = volume.getSpec().getNodeAffinity();
        return affinity == null
                || affinity.getRequired() == null
                || NodeMatcher.of(affinity.getRequired()).matches(node);
    }

    @Override
    public boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return switch (event) {
            case ClusterEvent.ClaimChanged(var claim) ->
                claim.getMetadata().getNamespace().equals(pod.namespace())
                        && pod.claims().contains(claim.getMetadata().getName());
            case ClusterEvent.StorageChanged _ -> true;
            case ClusterEvent.NodeChanged(var before, var after) ->
                before == null || !before.labels().equals(after.labels());
            case ClusterEvent.PodPlaced _, ClusterEvent.PodGone _, ClusterEvent.NamespaceChanged _ -> false;
        };
    }
}
