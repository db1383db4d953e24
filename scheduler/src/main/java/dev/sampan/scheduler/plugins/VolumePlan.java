package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.snapshot.LabelMatcher;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has to happen to a pod's waiting claims before it can be bound to a node.
 *
 * @param bind free volumes to reserve, by the name of the claim
 * @param provision claims for which a volume is to be made for the node
 */
public record VolumePlan(Map<String, PersistentVolume> bind, List<PersistentVolumeClaim> provision) {

    private static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";

    /** The plan for the pod's claims that wait for their first consumer; empty when there are none. */
    public static VolumePlan of(PodInfo pod, NodeInfo node, Snapshot snapshot) {
        List<PersistentVolumeClaim> delayed = new ArrayList<>();
        for (String name : pod.claims()) {
            PersistentVolumeClaim claim = snapshot.claim(pod.namespace(), name);
            if (claim != null && !Claims.bound(claim)) {
                delayed.add(claim);
            }
        }
        VolumePlan plan = of(delayed, node, snapshot);
        return plan == null ? new VolumePlan(Map.of(), List.of()) : plan;
    }

    public boolean isEmpty() {
        return bind.isEmpty() && provision.isEmpty();
    }

    /** @return null when the node cannot satisfy all of them */
    static @Nullable VolumePlan of(List<PersistentVolumeClaim> delayed, NodeInfo node, Snapshot snapshot) {
        Map<String, PersistentVolume> bind = new HashMap<>();
        List<PersistentVolumeClaim> provision = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        List<PersistentVolumeClaim> largestFirst = delayed.stream()
                .sorted(Comparator.comparing(VolumePlan::requested).reversed())
                .toList();
        for (PersistentVolumeClaim claim : largestFirst) {
            String selected = Claims.selectedNode(claim);
            if (selected != null && !selected.equals(node.name())) {
                return null;
            }
            PersistentVolume volume = selected == null ? smallestFitting(claim, node, snapshot, taken) : null;
            if (volume != null) {
                taken.add(volume.getMetadata().getName());
                bind.put(claim.getMetadata().getName(), volume);
            } else if (provisionable(claim, node, snapshot)) {
                provision.add(claim);
            } else {
                return null;
            }
        }
        return new VolumePlan(bind, provision);
    }

    private static @Nullable PersistentVolume smallestFitting(
            PersistentVolumeClaim claim, NodeInfo node, Snapshot snapshot, Set<String> taken) {
        LabelMatcher selector = claim.getSpec().getSelector() == null
                ? LabelMatcher.EVERYTHING
                : LabelMatcher.of(claim.getSpec().getSelector());
        return snapshot.volumes().stream()
                .filter(volume -> !taken.contains(volume.getMetadata().getName()))
                .filter(volume -> free(volume, claim))
                .filter(volume -> suits(volume, claim))
                .filter(volume -> selector.matches(labels(volume)))
                .filter(volume -> VolumeBinding.reachable(volume, node))
                .min(Comparator.comparing(VolumePlan::capacity))
                .orElse(null);
    }

    private static boolean free(PersistentVolume volume, PersistentVolumeClaim claim) {
        if (volume.getMetadata().getDeletionTimestamp() != null) {
            return false;
        }
        var reference = volume.getSpec().getClaimRef();
        if (reference == null) {
            return volume.getStatus() == null
                    || volume.getStatus().getPhase() == null
                    || "Available".equals(volume.getStatus().getPhase());
        }
        return claim.getMetadata().getName().equals(reference.getName())
                && claim.getMetadata().getNamespace().equals(reference.getNamespace());
    }

    private static boolean suits(PersistentVolume volume, PersistentVolumeClaim claim) {
        String volumeClass = volume.getSpec().getStorageClassName();
        String volumeMode = volume.getSpec().getVolumeMode();
        String claimMode = claim.getSpec().getVolumeMode();
        return Claims.className(claim).equals(volumeClass == null ? "" : volumeClass)
                && (volumeMode == null ? "Filesystem" : volumeMode).equals(claimMode == null ? "Filesystem" : claimMode)
                && volume.getSpec().getAccessModes().containsAll(claim.getSpec().getAccessModes())
                && capacity(volume).compareTo(requested(claim)) >= 0;
    }

    private static Map<String, String> labels(PersistentVolume volume) {
        Map<String, String> labels = volume.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static BigDecimal capacity(PersistentVolume volume) {
        return amount(volume.getSpec().getCapacity());
    }

    private static BigDecimal requested(PersistentVolumeClaim claim) {
        var resources = claim.getSpec().getResources();
        return amount(resources == null ? null : resources.getRequests());
    }

    private static BigDecimal amount(@Nullable Map<String, Quantity> list) {
        Quantity storage = list == null ? null : list.get("storage");
        return storage == null ? BigDecimal.ZERO : storage.getNumericalAmount();
    }

    private static boolean provisionable(PersistentVolumeClaim claim, NodeInfo node, Snapshot snapshot) {
        StorageClass storageClass = snapshot.storageClass(Claims.className(claim));
        if (storageClass == null
                || storageClass.getProvisioner() == null
                || storageClass.getProvisioner().equals(NO_PROVISIONER)) {
            return false;
        }
        var topologies = storageClass.getAllowedTopologies();
        return topologies == null
                || topologies.isEmpty()
                || topologies.stream()
                        .anyMatch(term -> term.getMatchLabelExpressions().stream()
                                .allMatch(e -> e.getValues().contains(String.valueOf(node.label(e.getKey())))));
    }
}
