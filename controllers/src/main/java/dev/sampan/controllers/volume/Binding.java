package dev.sampan.controllers.volume;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a claim and a volume say of each other. */
final class Binding {

    static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
    static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
    static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
    static final String STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
    static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";
    private static final String BETA_CLASS = "volume.beta.kubernetes.io/storage-class";
    private static final String STORAGE = "storage";

    private Binding() {}

    static Map<String, String> annotations(HasMetadata object) {
        return Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
    }

    /** Null when the claim leaves the class to the cluster's default; empty when it wants none. */
    static @Nullable String storageClass(PersistentVolumeClaim claim) {
        var beta = annotations(claim).get(BETA_CLASS);
        return beta != null ? beta : claim.getSpec().getStorageClassName();
    }

    static String storageClass(PersistentVolume volume) {
        return Objects.requireNonNullElse(volume.getSpec().getStorageClassName(), "");
    }

    /** Whether the volume names the claim; one that names no UID is reserved for it. */
    static boolean isFor(PersistentVolume volume, PersistentVolumeClaim claim) {
        var reference = volume.getSpec().getClaimRef();
        return reference != null
                && Objects.equals(reference.getNamespace(), claim.getMetadata().getNamespace())
                && Objects.equals(reference.getName(), claim.getMetadata().getName())
                && (isBlank(reference.getUid())
                        || reference.getUid().equals(claim.getMetadata().getUid()));
    }

    static boolean isBlank(@Nullable String text) {
        return text == null || text.isEmpty();
    }

    /** Bytes that the claim asks for. */
    static BigDecimal requested(PersistentVolumeClaim claim) {
        var resources = claim.getSpec().getResources();
        return resources == null ? BigDecimal.ZERO : bytes(resources.getRequests());
    }

    static BigDecimal capacity(PersistentVolume volume) {
        return bytes(volume.getSpec().getCapacity());
    }

    private static BigDecimal bytes(@Nullable Map<String, Quantity> quantities) {
        var storage = quantities == null ? null : quantities.get(STORAGE);
        return storage == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(storage);
    }
}
