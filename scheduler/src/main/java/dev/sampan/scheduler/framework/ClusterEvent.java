package dev.sampan.scheduler.framework;

import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import org.jspecify.annotations.Nullable;

/** A change in the cluster that may let a waiting pod be scheduled. */
public sealed interface ClusterEvent {

    /** A node appeared ({@code before} is null) or changed. */
    record NodeChanged(@Nullable NodeInfo before, NodeInfo after) implements ClusterEvent {}

    /** A pod was bound to a node, or a bound pod's labels changed. */
    record PodPlaced(PodInfo pod) implements ClusterEvent {}

    /** A pod no longer takes anything of its node. */
    record PodGone(PodInfo pod) implements ClusterEvent {}

    /** A claim appeared or changed. */
    record ClaimChanged(PersistentVolumeClaim claim) implements ClusterEvent {}

    /** A persistent volume or a storage class appeared or changed. */
    record StorageChanged() implements ClusterEvent {}

    /** A namespace appeared or its labels changed. */
    record NamespaceChanged(String name) implements ClusterEvent {}
}
