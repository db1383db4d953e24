package dev.sampan.controllers.volume;

import dev.sampan.client.Controller;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * Keeps claims that a pod uses, and volumes that are bound, from going away: a finalizer holds a deleted one until it is
 * not used any more.
 */
public final class VolumeProtection implements AutoCloseable {

    static final String CLAIM_FINALIZER = "kubernetes.io/pvc-protection";
    static final String VOLUME_FINALIZER = "kubernetes.io/pv-protection";

    private final KubernetesClient client;
    private final Informer<PersistentVolumeClaim> claims;
    private final Informer<PersistentVolume> volumes;
    private final Informer<Pod> pods;
    private final Controller<ObjectKey> claimController;
    private final Controller<String> volumeController;

    /** Uses the index of pods by claim that {@link VolumeController} adds to the shared informer. */
    public VolumeProtection(KubernetesClient client, Informers informers, Timers timers) {
        this.client = client;
        this.claims = informers.of(PersistentVolumeClaim.class);
        this.volumes = informers.of(PersistentVolume.class);
        this.pods = informers.of(Pod.class);
        this.claimController = new Controller<>("pvc-protection", timers, 1, this::reconcileClaim);
        this.volumeController = new Controller<>("pv-protection", timers, 1, this::reconcileVolume);
        claims.onAnyChange(c -> claimController.queue().add(ObjectKey.of(c)));
        volumes.onAnyChange(v -> volumeController.queue().add(v.getMetadata().getName()));
        pods.onAnyChange(this::enqueueClaims);
    }

    private void enqueueClaims(Pod pod) {
        for (var volume : pod.getSpec().getVolumes()) {
            var source = volume.getPersistentVolumeClaim();
            if (source != null) {
                claimController.queue().add(new ObjectKey(pod.getMetadata().getNamespace(), source.getClaimName()));
            }
        }
    }

    public void start() {
        claimController.start();
        volumeController.start();
    }

    @Override
    public void close() {
        claimController.close();
        volumeController.close();
    }

    private static boolean isProtected(HasMetadata object, String finalizer) {
        return object.getMetadata().getFinalizers().contains(finalizer);
    }

    private Result reconcileClaim(ObjectKey key) {
        var claim = claims.get(key);
        if (claim == null) {
            return Result.done();
        }
        boolean leaving = claim.getMetadata().getDeletionTimestamp() != null;
        if (!leaving && !isProtected(claim, CLAIM_FINALIZER)) {
            client.resource(new PersistentVolumeClaimBuilder(claim)
                            .editMetadata()
                            .addToFinalizers(CLAIM_FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        } else if (leaving && isProtected(claim, CLAIM_FINALIZER) && !isUsed(key)) {
            client.resource(new PersistentVolumeClaimBuilder(claim)
                            .editMetadata()
                            .removeFromFinalizers(CLAIM_FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        }
        return Result.done();
    }

    /** By a pod that has a node, in the cache or, to be sure, in the API; others will not start any more. */
    private boolean isUsed(ObjectKey key) {
        return pods.indexed(VolumeController.BY_CLAIM, key.toString()).stream().anyMatch(VolumeProtection::hasNode)
                || client.pods().inNamespace(key.namespace()).list().getItems().stream()
                        .filter(VolumeProtection::hasNode)
                        .anyMatch(p -> uses(p, key.name()));
    }

    private static boolean hasNode(Pod pod) {
        return !Binding.isBlank(pod.getSpec().getNodeName());
    }

    private static boolean uses(Pod pod, String claim) {
        return pod.getSpec().getVolumes().stream()
                .anyMatch(v -> (v.getPersistentVolumeClaim() != null
                                && claim.equals(v.getPersistentVolumeClaim().getClaimName()))
                        || (v.getEphemeral() != null
                                && claim.equals(pod.getMetadata().getName() + "-" + v.getName())));
    }

    private Result reconcileVolume(String name) {
        var volume = volumes.get("", name);
        if (volume == null) {
            return Result.done();
        }
        boolean leaving = volume.getMetadata().getDeletionTimestamp() != null;
        boolean bound =
                volume.getStatus() != null && "Bound".equals(volume.getStatus().getPhase());
        if (!leaving && !isProtected(volume, VOLUME_FINALIZER)) {
            client.resource(new PersistentVolumeBuilder(volume)
                            .editMetadata()
                            .addToFinalizers(VOLUME_FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        } else if (leaving && isProtected(volume, VOLUME_FINALIZER) && !bound) {
            client.resource(new PersistentVolumeBuilder(volume)
                            .editMetadata()
                            .removeFromFinalizers(VOLUME_FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        }
        return Result.done();
    }
}
