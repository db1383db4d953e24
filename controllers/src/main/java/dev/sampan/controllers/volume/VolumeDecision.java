package dev.sampan.controllers.volume;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import org.jspecify.annotations.Nullable;

/** What becomes of a volume. */
enum VolumeDecision {
    /** Nobody has it; a claim may. */
    AVAILABLE,
    /** A claim has it, or is about to. */
    BOUND,
    /** Its claim is gone and it is kept for a person to look at. */
    RETAIN,
    /** Its claim is gone and so may it be. */
    DELETE,
    /** Its claim is gone and its policy is one that is not supported any more. */
    UNSUPPORTED_POLICY,
    /** The claim took another volume: this one is free again. */
    UNBIND;

    /** @param claim the claim that the volume names, or null when there is none of that name */
    static VolumeDecision of(PersistentVolume volume, @Nullable PersistentVolumeClaim claim) {
        var reference = volume.getSpec().getClaimRef();
        if (reference == null || Binding.isBlank(reference.getUid())) {
            return AVAILABLE;
        }
        if (claim == null || !reference.getUid().equals(claim.getMetadata().getUid())) {
            return reclaim(volume);
        }
        var named = claim.getSpec().getVolumeName();
        if (Binding.isBlank(named) || named.equals(volume.getMetadata().getName())) {
            return BOUND;
        }
        if (Binding.annotations(volume).containsKey(Binding.PROVISIONED_BY)) {
            return reclaim(volume);
        }
        return Binding.annotations(volume).containsKey(Binding.BOUND_BY_CONTROLLER) ? UNBIND : BOUND;
    }

    private static VolumeDecision reclaim(PersistentVolume volume) {
        var policy = volume.getSpec().getPersistentVolumeReclaimPolicy();
        return switch (policy == null ? "Retain" : policy) {
            case "Retain" -> RETAIN;
            case "Delete" -> DELETE;
            default -> UNSUPPORTED_POLICY;
        };
    }
}
