package dev.sampan.controllers.volume;

import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What becomes of a claim. */
sealed interface ClaimDecision {

    /** Make claim and volume name each other, and say so in both. */
    record Bind(PersistentVolume volume) implements ClaimDecision {}

    record Provision(StorageClass storageClass) implements ClaimDecision {}

    /** The claim stays pending; an event says why, unless the reason is empty. */
    record Wait(boolean warning, String reason, String message) implements ClaimDecision {}

    record Lost(String reason, String message) implements ClaimDecision {}

    /** The claim did not say a class and gets the cluster's default. */
    record AssignClass(StorageClass storageClass) implements ClaimDecision {}

    /** The classes there are. */
    record Classes(Collection<StorageClass> all) {
        private static final String DEFAULT = "storageclass.kubernetes.io/is-default-class";

        @Nullable
        StorageClass named(String name) {
            return all.stream()
                    .filter(c -> name.equals(c.getMetadata().getName()))
                    .findFirst()
                    .orElse(null);
        }

        /** The youngest of the classes marked as default. */
        @Nullable
        StorageClass defaultClass() {
            return all.stream()
                    .filter(c -> "true".equals(Binding.annotations(c).get(DEFAULT)))
                    .max(Comparator.comparing((StorageClass c) ->
                                    Objects.requireNonNullElse(c.getMetadata().getCreationTimestamp(), ""))
                            .thenComparing(c -> c.getMetadata().getName()))
                    .orElse(null);
        }
    }

    /** @param consumed whether a pod that uses the claim has been given a node */
    static ClaimDecision of(
            PersistentVolumeClaim claim, Collection<PersistentVolume> volumes, Classes classes, boolean consumed) {
        if (Binding.annotations(claim).containsKey(Binding.BIND_COMPLETED)) {
            return ofBound(claim, volumes);
        }
        var named = claim.getSpec().getVolumeName();
        if (!Binding.isBlank(named)) {
            return ofPrebound(claim, volume(volumes, named));
        }
        var className = Binding.storageClass(claim);
        if (className == null) {
            var assigned = classes.defaultClass();
            if (assigned != null) {
                return new AssignClass(assigned);
            }
        }
        var storageClass = className == null || className.isEmpty() ? null : classes.named(className);
        boolean delayed = storageClass != null
                && "WaitForFirstConsumer".equals(storageClass.getVolumeBindingMode())
                && !consumed
                && !Binding.annotations(claim).containsKey(Binding.SELECTED_NODE);
        var match = bestMatch(claim, volumes, className == null ? "" : className, delayed);
        if (match != null) {
            return new Bind(match);
        }
        return withoutMatch(className, storageClass, delayed);
    }

    private static ClaimDecision withoutMatch(
            @Nullable String className, @Nullable StorageClass storageClass, boolean delayed) {
        if (delayed) {
            return new Wait(false, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        }
        if (storageClass != null) {
            return new Provision(storageClass);
        }
        return Binding.isBlank(className)
                ? new Wait(
                        false,
                        "FailedBinding",
                        "no persistent volumes available for this claim and no storage class is set")
                : new Wait(true, "ProvisioningFailed", "storageclass.storage.k8s.io \"" + className + "\" not found");
    }

    private static @Nullable PersistentVolume volume(Collection<PersistentVolume> volumes, String name) {
        return volumes.stream()
                .filter(v -> name.equals(v.getMetadata().getName()))
                .findFirst()
                .orElse(null);
    }

    private static ClaimDecision ofPrebound(PersistentVolumeClaim claim, @Nullable PersistentVolume volume) {
        if (volume == null) {
            return new Wait(false, "", "the volume is not there yet");
        }
        if (volume.getSpec().getClaimRef() != null && !Binding.isFor(volume, claim)) {
            return new Wait(
                    true,
                    "FailedBinding",
                    "volume \"" + volume.getMetadata().getName() + "\" already bound to a different claim.");
        }
        return new Bind(volume);
    }

    private static ClaimDecision ofBound(PersistentVolumeClaim claim, Collection<PersistentVolume> volumes) {
        var name = claim.getSpec().getVolumeName();
        if (Binding.isBlank(name)) {
            return new Lost(
                    "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
        }
        var volume = volume(volumes, name);
        if (volume == null) {
            return new Lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
        }
        if (volume.getSpec().getClaimRef() != null && !Binding.isFor(volume, claim)) {
            return new Lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
        }
        return new Bind(volume);
    }

    /** The volume reserved for the claim, else the smallest that is large enough. */
    private static @Nullable PersistentVolume bestMatch(
            PersistentVolumeClaim claim, Collection<PersistentVolume> volumes, String className, boolean delayed) {
        var reserved = volumes.stream()
                .filter(v -> Binding.isFor(v, claim) && isLargeEnough(v, claim))
                .findFirst();
        if (reserved.isPresent() || delayed) {
            return reserved.orElse(null);
        }
        var matching = Selectors.matching(claim.getSpec().getSelector());
        return volumes.stream()
                .filter(v ->
                        v.getSpec().getClaimRef() == null && v.getMetadata().getDeletionTimestamp() == null)
                .filter(v -> className.equals(Binding.storageClass(v)))
                .filter(v -> claim.getSpec().getSelector() == null || matching.test(Selectors.labels(v)))
                .filter(v ->
                        v.getSpec().getAccessModes().containsAll(claim.getSpec().getAccessModes()))
                .filter(v -> mode(v.getSpec().getVolumeMode())
                        .equals(mode(claim.getSpec().getVolumeMode())))
                .filter(v -> isLargeEnough(v, claim))
                .min(Comparator.comparing(Binding::capacity)
                        .thenComparing(v -> v.getMetadata().getName()))
                .orElse(null);
    }

    private static boolean isLargeEnough(PersistentVolume volume, PersistentVolumeClaim claim) {
        return Binding.capacity(volume).compareTo(Binding.requested(claim)) >= 0;
    }

    private static String mode(@Nullable String mode) {
        return mode == null ? "Filesystem" : mode;
    }
}
