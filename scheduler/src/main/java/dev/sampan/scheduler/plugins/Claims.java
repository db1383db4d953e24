package dev.sampan.scheduler.plugins;

import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a persistent volume claim says about its binding. */
public final class Claims {

    /** Set on a claim by the scheduler: provision for this node. Removed by a provisioner that cannot. */
    public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    private static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
    private static final String LEGACY_CLASS = "volume.beta.kubernetes.io/storage-class";

    private Claims() {}

    /** Whether claim and volume both know of each other. */
    public static boolean bound(PersistentVolumeClaim claim) {
        String volume = claim.getSpec().getVolumeName();
        if (volume == null || volume.isEmpty()) {
            return false;
        }
        return annotation(claim, BIND_COMPLETED) != null
                || (claim.getStatus() != null
                        && "Bound".equals(claim.getStatus().getPhase()));
    }

    public static @Nullable String selectedNode(PersistentVolumeClaim claim) {
        return annotation(claim, SELECTED_NODE);
    }

    static boolean waitsForConsumer(PersistentVolumeClaim claim, Snapshot snapshot) {
        String volume = claim.getSpec().getVolumeName();
        if (volume != null && !volume.isEmpty()) {
            return false;
        }
        StorageClass storageClass = snapshot.storageClass(className(claim));
        return storageClass != null && "WaitForFirstConsumer".equals(storageClass.getVolumeBindingMode());
    }

    static String className(PersistentVolumeClaim claim) {
        String legacy = annotation(claim, LEGACY_CLASS);
        String name = legacy != null ? legacy : claim.getSpec().getStorageClassName();
        return name == null ? "" : name;
    }

    private static @Nullable String annotation(PersistentVolumeClaim claim, String key) {
        Map<String, String> annotations = claim.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(key);
    }
}
