package dev.sampan.controllers.volume;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Binds claims and volumes, provisions and deletes local ones, and makes the default StorageClass {@code standard}. */
public final class VolumeController implements AutoCloseable {

    static final String BY_CLAIM = "pods-by-claim";
    private static final String STANDARD = "standard";
    private static final Duration RECHECK = Duration.ofSeconds(15);
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final LocalVolumes local;
    private final Events events;
    private final Informer<PersistentVolumeClaim> claims;
    private final Informer<PersistentVolume> volumes;
    private final Informer<StorageClass> classes;
    private final Informer<Pod> pods;
    private final Controller<ObjectKey> claimController;
    private final Controller<String> volumeController;

    public VolumeController(
            KubernetesClient client, Informers informers, Timers timers, int workers, Path volumesDirectory) {
        this.client = client;
        this.local = new LocalVolumes(volumesDirectory);
        this.events = new Events(client, "persistentvolume-controller", timers);
        this.claims = informers.of(PersistentVolumeClaim.class);
        this.volumes = informers.of(PersistentVolume.class);
        this.classes = informers.of(StorageClass.class);
        this.pods = informers.of(Pod.class).index(BY_CLAIM, VolumeController::claimsOf);
        // One worker: two claims must not choose the same volume.
        this.claimController = new Controller<>("persistentvolume-claims", timers, 1, this::reconcileClaim);
        this.volumeController = new Controller<>("persistentvolumes", timers, workers, this::reconcileVolume);
        connect();
    }

    private void connect() {
        claims.onAnyChange(claim -> {
            claimController.queue().add(ObjectKey.of(claim));
            if (!Binding.isBlank(claim.getSpec().getVolumeName())) {
                volumeController.queue().add(claim.getSpec().getVolumeName());
            }
        });
        volumes.onAnyChange(volume -> {
            volumeController.queue().add(volume.getMetadata().getName());
            enqueueClaimsFor(volume);
        });
        classes.onAnyChange(c -> enqueuePending());
        pods.onAnyChange(pod -> {
            if (!Binding.isBlank(pod.getSpec().getNodeName())) {
                claimsOf(pod).forEach(key -> enqueuePending(pod.getMetadata().getNamespace(), key));
            }
        });
    }

    private static List<String> claimsOf(Pod pod) {
        var namespace = pod.getMetadata().getNamespace();
        return pod.getSpec().getVolumes().stream()
                .map(v -> {
                    if (v.getPersistentVolumeClaim() != null) {
                        return namespace + "/" + v.getPersistentVolumeClaim().getClaimName();
                    }
                    return v.getEphemeral() == null
                            ? null
                            : namespace + "/" + pod.getMetadata().getName() + "-" + v.getName();
                })
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private void enqueueClaimsFor(PersistentVolume volume) {
        var reference = volume.getSpec().getClaimRef();
        if (reference != null) {
            claimController.queue().add(new ObjectKey(reference.getNamespace(), reference.getName()));
        } else {
            enqueuePending();
        }
    }

    private void enqueuePending() {
        claims.list().stream()
                .filter(c -> Binding.isBlank(c.getSpec().getVolumeName()))
                .forEach(c -> claimController.queue().add(ObjectKey.of(c)));
    }

    private void enqueuePending(String namespace, String key) {
        var claim = claims.get(namespace, key.substring(namespace.length() + 1));
        if (claim != null && Binding.isBlank(claim.getSpec().getVolumeName())) {
            claimController.queue().add(ObjectKey.of(claim));
        }
    }

    public void start() {
        createStandardClass();
        claimController.start();
        volumeController.start();
    }

    @Override
    public void close() {
        claimController.close();
        volumeController.close();
        events.close();
    }

    /** Only when no class of that name exists, so that a changed one stays changed. */
    private void createStandardClass() {
        if (classes.get("", STANDARD) != null) {
            return;
        }
        try {
            client.resource(new StorageClassBuilder()
                            .withNewMetadata()
                            .withName(STANDARD)
                            .addToAnnotations("storageclass.kubernetes.io/is-default-class", "true")
                            .endMetadata()
                            .withProvisioner(LocalVolumes.PROVISIONER)
                            .withReclaimPolicy("Delete")
                            .withVolumeBindingMode("Immediate")
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
        }
    }

    // --- claims ---

    private Result reconcileClaim(ObjectKey key) throws IOException {
        var claim = claims.get(key);
        if (claim == null || isLeaving(claim)) {
            return Result.done();
        }
        boolean consumed = pods.indexed(BY_CLAIM, key.toString()).stream()
                .anyMatch(p -> !Binding.isBlank(p.getSpec().getNodeName()));
        var known = new ClaimDecision.Classes(classes.list());
        return switch (ClaimDecision.of(claim, volumes.list(), known, consumed)) {
            case ClaimDecision.Bind(var volume) -> {
                bind(claim, volume);
                yield Result.done();
            }
            case ClaimDecision.Provision(var storageClass) -> provision(claim, storageClass);
            case ClaimDecision.AssignClass(var storageClass) -> {
                client.resource(new PersistentVolumeClaimBuilder(claim)
                                .editSpec()
                                .withStorageClassName(storageClass.getMetadata().getName())
                                .endSpec()
                                .build())
                        .update();
                yield Result.done();
            }
            case ClaimDecision.Wait(var warning, var reason, var message) -> {
                tell(claim, warning, reason, message);
                setPhase(claim, "Pending");
                yield reason.isEmpty() ? Result.done() : Result.again(RECHECK);
            }
            case ClaimDecision.Lost(var reason, var message) -> {
                if (!"Lost".equals(phase(claim))) {
                    tell(claim, true, reason, message);
                    setPhase(claim, "Lost");
                }
                yield Result.done();
            }
        };
    }

    private static boolean isLeaving(PersistentVolumeClaim claim) {
        return claim.getMetadata().getDeletionTimestamp() != null
                && Binding.isBlank(claim.getSpec().getVolumeName());
    }

    private void tell(PersistentVolumeClaim claim, boolean warning, String reason, String message) {
        if (warning) {
            events.warning(claim, reason, message);
        } else if (!reason.isEmpty()) {
            events.normal(claim, reason, message);
        }
    }

    private static String phase(PersistentVolumeClaim claim) {
        return claim.getStatus() == null || claim.getStatus().getPhase() == null
                ? ""
                : claim.getStatus().getPhase();
    }

    private void setPhase(PersistentVolumeClaim claim, String phase) {
        if (!phase.equals(phase(claim))) {
            client.resource(new PersistentVolumeClaimBuilder(claim)
                            .editOrNewStatus()
                            .withPhase(phase)
                            .endStatus()
                            .build())
                    .updateStatus();
        }
    }

    /** Four steps, each of which the next pass takes up when one fails: the volume decides, the claim follows. */
    private void bind(PersistentVolumeClaim claim, PersistentVolume volume) {
        var taken = nameClaim(volume, claim);
        setPhase(taken, "Bound", "");
        var bound = nameVolume(claim, taken);
        var status = bound.getStatus();
        boolean told = status != null
                && "Bound".equals(status.getPhase())
                && Objects.equals(status.getCapacity(), taken.getSpec().getCapacity())
                && Objects.equals(status.getAccessModes(), taken.getSpec().getAccessModes());
        if (!told) {
            client.resource(new PersistentVolumeClaimBuilder(bound)
                            .editOrNewStatus()
                            .withPhase("Bound")
                            .withAccessModes(taken.getSpec().getAccessModes())
                            .withCapacity(taken.getSpec().getCapacity())
                            .endStatus()
                            .build())
                    .updateStatus();
        }
    }

    private PersistentVolume nameClaim(PersistentVolume volume, PersistentVolumeClaim claim) {
        var reference = volume.getSpec().getClaimRef();
        if (reference != null
                && Objects.equals(reference.getUid(), claim.getMetadata().getUid())) {
            return volume;
        }
        var builder = new PersistentVolumeBuilder(volume)
                .editSpec()
                .withClaimRef(new ObjectReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("PersistentVolumeClaim")
                        .withNamespace(claim.getMetadata().getNamespace())
                        .withName(claim.getMetadata().getName())
                        .withUid(claim.getMetadata().getUid())
                        .withResourceVersion(claim.getMetadata().getResourceVersion())
                        .build())
                .endSpec();
        if (reference == null) {
            builder.editMetadata()
                    .addToAnnotations(Binding.BOUND_BY_CONTROLLER, "yes")
                    .endMetadata();
        }
        return client.resource(builder.build()).update();
    }

    private PersistentVolumeClaim nameVolume(PersistentVolumeClaim claim, PersistentVolume volume) {
        var name = volume.getMetadata().getName();
        boolean named = name.equals(claim.getSpec().getVolumeName());
        if (named && Binding.annotations(claim).containsKey(Binding.BIND_COMPLETED)) {
            return claim;
        }
        var builder = new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .addToAnnotations(Binding.BIND_COMPLETED, "yes")
                .endMetadata()
                .editSpec()
                .withVolumeName(name)
                .endSpec();
        if (!named) {
            builder.editMetadata()
                    .addToAnnotations(Binding.BOUND_BY_CONTROLLER, "yes")
                    .endMetadata();
        }
        return client.resource(builder.build()).update();
    }

    private Result provision(PersistentVolumeClaim claim, StorageClass storageClass) throws IOException {
        var provisioner = storageClass.getProvisioner();
        setPhase(claim, "Pending");
        if (!LocalVolumes.PROVISIONER.equals(provisioner)) {
            if (!"kubernetes.io/no-provisioner".equals(provisioner)) {
                tell(
                        claim,
                        false,
                        "ExternalProvisioning",
                        "Waiting for a volume to be created either by the external provisioner '" + provisioner
                                + "' or manually by the system administrator.");
            }
            return Result.again(RECHECK);
        }
        if ("Block".equals(claim.getSpec().getVolumeMode())) {
            tell(claim, true, "ProvisioningFailed", provisioner + " provides directories, not block devices");
            return Result.again(RECHECK);
        }
        try {
            var volume = local.provision(claim, storageClass);
            try {
                client.resource(volume).create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != CONFLICT) { // made by an earlier pass that the cache does not show yet
                    throw e;
                }
            }
            tell(
                    claim,
                    false,
                    "ProvisioningSucceeded",
                    "Successfully provisioned volume " + volume.getMetadata().getName());
        } catch (IOException e) {
            tell(claim, true, "ProvisioningFailed", "no directory for the volume: " + e);
            throw e;
        }
        return Result.done();
    }

    // --- volumes ---

    private Result reconcileVolume(String name) throws IOException {
        var volume = volumes.get("", name);
        if (volume == null) {
            return Result.done();
        }
        var reference = volume.getSpec().getClaimRef();
        var claim = reference == null ? null : claims.get(reference.getNamespace(), reference.getName());
        switch (VolumeDecision.of(volume, claim)) {
            case AVAILABLE -> setPhase(volume, "Available", "");
            case BOUND -> setPhase(volume, "Bound", "");
            case RETAIN -> setPhase(volume, "Released", "");
            case UNBIND -> unbind(volume);
            case DELETE -> delete(volume);
            case UNSUPPORTED_POLICY -> {
                events.warning(
                        volume, "VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy");
                setPhase(volume, "Failed", "Volume has an unsupported reclaim policy");
            }
        }
        return Result.done();
    }

    private void unbind(PersistentVolume volume) {
        client.resource(new PersistentVolumeBuilder(volume)
                        .editMetadata()
                        .removeFromAnnotations(Binding.BOUND_BY_CONTROLLER)
                        .endMetadata()
                        .editSpec()
                        .withClaimRef(null)
                        .endSpec()
                        .build())
                .update();
    }

    /** The claim is asked for once more, not from a cache: data is at stake. */
    private void delete(PersistentVolume volume) throws IOException {
        var reference = volume.getSpec().getClaimRef();
        var live = client.persistentVolumeClaims()
                .inNamespace(reference.getNamespace())
                .withName(reference.getName())
                .get();
        if (live != null && Objects.equals(live.getMetadata().getUid(), reference.getUid())) {
            return;
        }
        setPhase(volume, "Released", "");
        if (!LocalVolumes.isOurs(volume)) {
            return; // another provisioner's
        }
        try {
            local.delete(volume);
        } catch (IOException e) {
            events.warning(volume, "VolumeFailedDelete", e.toString());
            setPhase(volume, "Failed", e.toString());
            throw e;
        }
        client.resource(volume).delete();
    }

    private void setPhase(PersistentVolume volume, String phase, String message) {
        var status = volume.getStatus();
        if (status != null && phase.equals(status.getPhase())) {
            return;
        }
        var live = client.persistentVolumes()
                .withName(volume.getMetadata().getName())
                .get();
        if (live != null) {
            client.resource(new PersistentVolumeBuilder(live)
                            .editOrNewStatus()
                            .withPhase(phase)
                            .withMessage(message.isEmpty() ? null : message)
                            .endStatus()
                            .build())
                    .updateStatus();
        }
    }
}
