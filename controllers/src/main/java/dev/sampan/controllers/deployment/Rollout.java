package dev.sampan.controllers.deployment;

import static dev.sampan.controllers.deployment.Conditions.PROGRESSING;

import dev.sampan.controllers.ownership.Owners;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.pods.TemplateHash;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decision about one deployment: from the deployment, the ReplicaSets it owns and the pods of its selector to the
 * changes that bring it a step nearer to its specification. Used once, by one thread.
 */
final class Rollout {

    static final String HASH_LABEL = "pod-template-hash";

    private static final Comparator<ReplicaSet> OLDEST_FIRST = Comparator.comparing((ReplicaSet rs) ->
                    Objects.requireNonNullElse(rs.getMetadata().getCreationTimestamp(), "9999"))
            .thenComparing(rs -> rs.getMetadata().getName());

    private final Deployment deployment;
    private final List<Pod> pods;
    private final TemplateHash hash;
    private final Instant now;
    private final DeploymentStatus before;
    private final Conditions conditions;
    private final List<Change> changes = new ArrayList<>();

    /** The ReplicaSet of the current template; null while there is none. */
    private @Nullable ReplicaSet newest;

    /** All others, oldest first; entries are replaced by what they will be after the changes so far. */
    private final List<ReplicaSet> old = new ArrayList<>();

    private Rollout(
            Deployment deployment, List<ReplicaSet> replicaSets, List<Pod> pods, TemplateHash hash, Instant now) {
        this.deployment = deployment;
        this.pods = pods;
        this.hash = hash;
        this.now = now;
        this.before = deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
        this.conditions = new Conditions(before.getConditions(), now);
        for (var replicaSet : replicaSets.stream().sorted(OLDEST_FIRST).toList()) {
            if (newest == null
                    && hash.same(
                            replicaSet.getSpec().getTemplate(),
                            deployment.getSpec().getTemplate())) {
                newest = replicaSet;
            } else {
                old.add(replicaSet);
            }
        }
    }

    /**
     * @param replicaSets those that the deployment owns
     * @param pods all pods that match the deployment's selector
     */
    static List<Change> decide(
            Deployment deployment, List<ReplicaSet> replicaSets, List<Pod> pods, TemplateHash hash, Instant now) {
        var rollout = new Rollout(deployment, replicaSets, pods, hash, now);
        rollout.decide();
        return rollout.changes;
    }

    private void decide() {
        if (deployment.getMetadata().getDeletionTimestamp() != null) {
            syncNewest();
            finish(false);
            return;
        }
        notePause();
        boolean paused = Boolean.TRUE.equals(deployment.getSpec().getPaused());
        if (paused || isScaling()) {
            syncNewest();
            new Scaling(deployment, newest, old).targets().forEach(this::scale);
            if (paused) {
                cleanUp();
            }
            finish(false);
        } else if (Sizes.isRolling(deployment)) {
            roll();
        } else {
            recreate();
        }
    }

    private void notePause() {
        if (!Statuses.hasDeadline(deployment) || conditions.hasReason(PROGRESSING, Statuses.TIMED_OUT)) {
            return;
        }
        boolean noted = conditions.hasReason(PROGRESSING, "DeploymentPaused");
        boolean paused = Boolean.TRUE.equals(deployment.getSpec().getPaused());
        if (paused && !noted) {
            conditions.set(PROGRESSING, "Unknown", "DeploymentPaused", "Deployment is paused");
        } else if (!paused && noted) {
            conditions.set(PROGRESSING, "Unknown", "DeploymentResumed", "Deployment is resumed");
        }
    }

    /** The deployment was resized: its active ReplicaSets say another desired size. */
    private boolean isScaling() {
        int desired = Sizes.desired(deployment);
        return all().stream().filter(rs -> Sizes.size(rs) > 0).anyMatch(rs -> {
            var annotated = Revisions.desiredAnnotation(rs);
            return annotated.isPresent() && annotated.getAsInt() != desired;
        });
    }

    private void roll() {
        ensureNewest();
        if (!growOrShrinkNewest() && !shrinkOld() && Statuses.isComplete(deployment, before)) {
            cleanUp();
        }
        finish(true);
    }

    private void recreate() {
        syncNewest();
        boolean stopping = false;
        for (var replicaSet : List.copyOf(old)) {
            if (Sizes.size(replicaSet) > 0) {
                scale(replicaSet, 0);
                stopping = true;
            }
        }
        if (!stopping && !oldPodsRun()) {
            ensureNewest();
            if (newest != null) {
                scale(newest, Sizes.desired(deployment));
            }
            if (Statuses.isComplete(deployment, before)) {
                cleanUp();
            }
        }
        finish(true);
    }

    private boolean oldPodsRun() {
        if (Sizes.existing(old) > 0) {
            return true;
        }
        return pods.stream().filter(p -> !Pods.isTerminal(p)).anyMatch(pod -> {
            var owner = Owners.controllerOf(pod);
            return owner != null
                    && (newest == null
                            || !owner.getUid().equals(newest.getMetadata().getUid()))
                    && old.stream()
                            .anyMatch(
                                    rs -> owner.getUid().equals(rs.getMetadata().getUid()));
        });
    }

    // --- the newest ReplicaSet ---

    private void ensureNewest() {
        if (newest == null) {
            createNewest();
        } else {
            syncNewest();
        }
    }

    /** Gives an existing newest ReplicaSet its revision, the deployment's annotations and minReadySeconds. */
    private void syncNewest() {
        var current = newest;
        if (current == null) {
            return;
        }
        var annotations = Revisions.annotations(current.getMetadata().getAnnotations());
        var wanted = Revisions.forNewest(deployment, annotations, Revisions.highest(old) + 1);
        var minReady = Sizes.or(deployment.getSpec().getMinReadySeconds(), 0);
        if (!wanted.equals(annotations) || Sizes.or(current.getSpec().getMinReadySeconds(), 0) != minReady) {
            update(new ReplicaSetBuilder(current)
                    .editMetadata()
                    .withAnnotations(wanted)
                    .endMetadata()
                    .editSpec()
                    .withMinReadySeconds(minReady)
                    .endSpec()
                    .build());
        }
        setRevision(wanted.get(Revisions.REVISION));
        if (Statuses.hasDeadline(deployment) && conditions.get(PROGRESSING) == null) {
            var message = "Found new replica set \"" + current.getMetadata().getName() + "\"";
            conditions.set(PROGRESSING, "True", "FoundNewReplicaSet", message);
        }
    }

    private void createNewest() {
        var spec = deployment.getSpec();
        var templateHash = hash.of(spec.getTemplate(), before.getCollisionCount());
        var template = new PodTemplateSpecBuilder(spec.getTemplate())
                .editOrNewMetadata()
                .addToLabels(HASH_LABEL, templateHash)
                .endMetadata()
                .build();
        long revision = Revisions.highest(old) + 1;
        int size = Sizes.newReplicaSetSize(deployment, old, 0);
        var created = new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(deployment.getMetadata().getName() + "-" + templateHash)
                .withNamespace(deployment.getMetadata().getNamespace())
                .withLabels(template.getMetadata().getLabels())
                .withAnnotations(Revisions.withSizes(Revisions.forNewest(deployment, Map.of(), revision), deployment))
                .withOwnerReferences(Owners.controllerReference(deployment))
                .endMetadata()
                .withNewSpec()
                .withReplicas(size)
                .withMinReadySeconds(Sizes.or(spec.getMinReadySeconds(), 0))
                .withSelector(new LabelSelectorBuilder(spec.getSelector())
                        .addToMatchLabels(HASH_LABEL, templateHash)
                        .build())
                .withTemplate(template)
                .endSpec()
                .build();
        newest = created;
        changes.add(new Change.CreateReplicaSet(created));
        if (size > 0) {
            tellScaled("up", created, 0, size);
        }
        setRevision(Long.toString(revision));
        if (Statuses.hasDeadline(deployment)) {
            var message = "Created new replica set \"" + created.getMetadata().getName() + "\"";
            conditions.set(PROGRESSING, "True", "NewReplicaSetCreated", message);
        }
    }

    private void setRevision(@Nullable String revision) {
        var current =
                Revisions.annotations(deployment.getMetadata().getAnnotations()).get(Revisions.REVISION);
        if (revision != null && !revision.equals(current)) {
            changes.add(new Change.SetRevision(revision));
        }
    }

    // --- rolling ---

    private boolean growOrShrinkNewest() {
        var current = Objects.requireNonNull(newest);
        int desired = Sizes.desired(deployment);
        int size = Sizes.size(current);
        int target = size > desired ? desired : Sizes.newReplicaSetSize(deployment, all(), size);
        return size != desired && scale(current, target);
    }

    private boolean shrinkOld() {
        var current = Objects.requireNonNull(newest);
        if (Sizes.wanted(old) == 0) {
            return false;
        }
        int minAvailable = Sizes.desired(deployment) - Sizes.maxUnavailable(deployment);
        int newUnavailable = Sizes.size(current) - Sizes.lasting(current);
        int removable = Sizes.wanted(all()) - minAvailable - newUnavailable;
        if (removable <= 0) {
            return false;
        }
        int cleaned = removeUnhealthy(removable);
        int shrunk = shrinkAvailable(minAvailable, removable - cleaned);
        return cleaned + shrunk > 0;
    }

    /** Old replicas that are not available go first: nobody misses them. */
    private int removeUnhealthy(int removable) {
        int left = removable;
        for (var replicaSet : List.copyOf(old)) {
            int size = Sizes.size(replicaSet);
            int count = Math.min(left, Sizes.unhealthy(replicaSet));
            if (size > 0 && count > 0) {
                left -= count;
                scale(replicaSet, size - count);
            }
        }
        return removable - left;
    }

    private int shrinkAvailable(int minAvailable, int removable) {
        int lasting = all().stream().mapToInt(Sizes::lasting).sum();
        int surplus = Math.max(0, Math.min(removable, lasting - minAvailable));
        int left = surplus;
        for (var replicaSet : List.copyOf(old)) {
            int count = Math.min(left, Sizes.size(replicaSet));
            if (count > 0) {
                left -= count;
                scale(replicaSet, Sizes.size(replicaSet) - count);
            }
        }
        return surplus - left;
    }

    // --- changes ---

    private List<ReplicaSet> all() {
        var all = new ArrayList<>(old);
        if (newest != null) {
            all.add(newest);
        }
        return all;
    }

    /** Whether the size differs; the annotations are brought up to date in any case. */
    private boolean scale(ReplicaSet replicaSet, int target) {
        int size = Sizes.size(replicaSet);
        var annotations = Revisions.annotations(replicaSet.getMetadata().getAnnotations());
        var wanted = Revisions.withSizes(annotations, deployment);
        if (size == target && wanted.equals(annotations)) {
            return false;
        }
        update(new ReplicaSetBuilder(replicaSet)
                .editMetadata()
                .withAnnotations(wanted)
                .endMetadata()
                .editSpec()
                .withReplicas(target)
                .endSpec()
                .build());
        if (size != target) {
            tellScaled(target > size ? "up" : "down", replicaSet, size, target);
        }
        return size != target;
    }

    private void tellScaled(String direction, ReplicaSet replicaSet, int from, int to) {
        changes.add(new Change.Tell(
                "ScalingReplicaSet",
                "Scaled " + direction + " replica set "
                        + replicaSet.getMetadata().getName() + " from " + from + " to " + to));
    }

    /** Merges with an earlier change of the same ReplicaSet, since each write needs the version it was read at. */
    private void update(ReplicaSet replicaSet) {
        var name = replicaSet.getMetadata().getName();
        boolean merged = false;
        for (int i = 0; i < changes.size(); i++) {
            if (changes.get(i) instanceof Change.UpdateReplicaSet(var earlier)
                    && earlier.getMetadata().getName().equals(name)) {
                changes.set(i, new Change.UpdateReplicaSet(replicaSet));
                merged = true;
            } else if (changes.get(i) instanceof Change.CreateReplicaSet(var created)
                    && created.getMetadata().getName().equals(name)) {
                changes.set(i, new Change.CreateReplicaSet(replicaSet));
                merged = true;
            }
        }
        if (!merged) {
            changes.add(new Change.UpdateReplicaSet(replicaSet));
        }
        if (newest != null && newest.getMetadata().getName().equals(name)) {
            newest = replicaSet;
        } else {
            old.replaceAll(rs -> rs.getMetadata().getName().equals(name) ? replicaSet : rs);
        }
    }

    /** Deletes the oldest revisions beyond the limit that have no pods and are not about to get any. */
    private void cleanUp() {
        var limit = deployment.getSpec().getRevisionHistoryLimit();
        if (limit == null || limit == Integer.MAX_VALUE) {
            return;
        }
        var alive = old.stream()
                .filter(rs -> rs.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparingLong(Revisions::of).thenComparing(OLDEST_FIRST))
                .toList();
        alive.stream()
                .limit(Math.max(0, alive.size() - limit))
                .filter(Rollout::isEmpty)
                .forEach(rs -> {
                    changes.add(new Change.DeleteReplicaSet(rs));
                });
    }

    private static boolean isEmpty(ReplicaSet replicaSet) {
        return Sizes.size(replicaSet) == 0
                && Sizes.existing(List.of(replicaSet)) == 0
                && replicaSet.getStatus() != null
                && replicaSet.getStatus().getObservedGeneration() != null
                && replicaSet.getMetadata().getGeneration()
                        <= replicaSet.getStatus().getObservedGeneration();
    }

    private void finish(boolean rolling) {
        var status = Statuses.counted(deployment, all(), newest, conditions, before.getCollisionCount());
        if (rolling) {
            Statuses.judgeProgress(deployment, before, status, newest, conditions, now);
            Statuses.reportFailures(all(), newest, conditions);
            status.setConditions(conditions.list());
        }
        if (!status.equals(before)) {
            changes.add(new Change.UpdateStatus(status));
        }
        var later = rolling ? Statuses.untilDeadline(deployment, status, now) : null;
        if (later != null) {
            changes.add(new Change.LookAgain(later));
        }
    }
}
