package dev.sampan.controllers.deployment;

import static dev.sampan.controllers.deployment.Conditions.AVAILABLE;
import static dev.sampan.controllers.deployment.Conditions.PROGRESSING;
import static dev.sampan.controllers.deployment.Conditions.REPLICA_FAILURE;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a deployment's status becomes, given its ReplicaSets. */
final class Statuses {

    static final String NEW_AVAILABLE = "NewReplicaSetAvailable";
    static final String TIMED_OUT = "ProgressDeadlineExceeded";

    private Statuses() {}

    /** Counts and the Available condition; {@code conditions} are those decided so far. */
    static DeploymentStatus counted(
            Deployment deployment,
            Collection<ReplicaSet> all,
            @Nullable ReplicaSet newest,
            Conditions conditions,
            @Nullable Integer collisions) {
        int available = Sizes.available(all);
        if (available >= Sizes.desired(deployment) - Sizes.maxUnavailable(deployment)) {
            conditions.set(AVAILABLE, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        } else {
            conditions.set(
                    AVAILABLE, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        }
        return new DeploymentStatusBuilder()
                .withObservedGeneration(deployment.getMetadata().getGeneration())
                .withReplicas(Sizes.existing(all))
                .withUpdatedReplicas(newest == null ? 0 : Sizes.existing(List.of(newest)))
                .withReadyReplicas(Sizes.ready(all))
                .withAvailableReplicas(available)
                .withUnavailableReplicas(Math.max(0, Sizes.wanted(all) - available))
                .withCollisionCount(collisions)
                .withConditions(conditions.list())
                .build();
    }

    /** Whether all replicas are of the newest template and available, and the controller has seen the specification. */
    static boolean isComplete(Deployment deployment, DeploymentStatus status) {
        int desired = Sizes.desired(deployment);
        return Sizes.or(status.getUpdatedReplicas(), 0) == desired
                && Sizes.or(status.getReplicas(), 0) == desired
                && Sizes.or(status.getAvailableReplicas(), 0) == desired
                && status.getObservedGeneration() != null
                && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
    }

    /** Whether the second status is nearer to completion than the first. */
    static boolean isProgress(DeploymentStatus before, DeploymentStatus after) {
        int updatedBefore = Sizes.or(before.getUpdatedReplicas(), 0);
        int updated = Sizes.or(after.getUpdatedReplicas(), 0);
        return updated > updatedBefore
                || Sizes.or(after.getReplicas(), 0) - updated < Sizes.or(before.getReplicas(), 0) - updatedBefore
                || Sizes.or(after.getReadyReplicas(), 0) > Sizes.or(before.getReadyReplicas(), 0)
                || Sizes.or(after.getAvailableReplicas(), 0) > Sizes.or(before.getAvailableReplicas(), 0);
    }

    static boolean hasDeadline(Deployment deployment) {
        var deadline = deployment.getSpec().getProgressDeadlineSeconds();
        return deadline != null && deadline != Integer.MAX_VALUE;
    }

    static boolean isTimedOut(Deployment deployment, Conditions conditions, Instant now) {
        var progressing = conditions.get(PROGRESSING);
        if (!hasDeadline(deployment) || progressing == null || NEW_AVAILABLE.equals(progressing.getReason())) {
            return false;
        }
        return TIMED_OUT.equals(progressing.getReason())
                || deadline(deployment, progressing).isBefore(now);
    }

    private static Instant deadline(Deployment deployment, DeploymentCondition progressing) {
        return Instant.parse(progressing.getLastUpdateTime())
                .plusSeconds(deployment.getSpec().getProgressDeadlineSeconds());
    }

    /** When to look again whether the deadline has passed; null when that is decided. */
    static @Nullable Duration untilDeadline(Deployment deployment, DeploymentStatus status, Instant now) {
        var progressing = new Conditions(status.getConditions(), now).get(PROGRESSING);
        if (!hasDeadline(deployment)
                || progressing == null
                || isComplete(deployment, status)
                || TIMED_OUT.equals(progressing.getReason())) {
            return null;
        }
        var left = Duration.between(now, deadline(deployment, progressing));
        return left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left.plusSeconds(1);
    }

    /** The Progressing condition of a running rollout. */
    static void judgeProgress(
            Deployment deployment,
            DeploymentStatus before,
            DeploymentStatus counted,
            @Nullable ReplicaSet newest,
            Conditions conditions,
            Instant now) {
        if (!hasDeadline(deployment)) {
            conditions.remove(PROGRESSING);
            return;
        }
        boolean known = Objects.equals(counted.getReplicas(), counted.getUpdatedReplicas())
                && conditions.hasReason(PROGRESSING, NEW_AVAILABLE);
        if (known) {
            return;
        }
        var subject = newest == null
                ? "Deployment \"" + deployment.getMetadata().getName() + "\""
                : "ReplicaSet \"" + newest.getMetadata().getName() + "\"";
        if (isComplete(deployment, counted)) {
            conditions.set(PROGRESSING, "True", NEW_AVAILABLE, subject + " has successfully progressed.");
        } else if (isProgress(before, counted)) {
            conditions.renew(PROGRESSING, "True", "ReplicaSetUpdated", subject + " is progressing.");
        } else if (isTimedOut(deployment, conditions, now)) {
            conditions.set(PROGRESSING, "False", TIMED_OUT, subject + " has timed out progressing.");
        }
    }

    /** Carries a ReplicaSet's failure to create pods over to the deployment. */
    static void reportFailures(Collection<ReplicaSet> all, @Nullable ReplicaSet newest, Conditions conditions) {
        var failure = newest == null ? null : failure(newest);
        for (var replicaSet : all) {
            failure = failure == null ? failure(replicaSet) : failure;
        }
        if (failure == null) {
            conditions.remove(REPLICA_FAILURE);
            return;
        }
        conditions.set(new DeploymentConditionBuilder()
                .withType(failure.getType())
                .withStatus(failure.getStatus())
                .withReason(failure.getReason())
                .withMessage(failure.getMessage())
                .withLastUpdateTime(failure.getLastTransitionTime())
                .withLastTransitionTime(failure.getLastTransitionTime())
                .build());
    }

    private static @Nullable ReplicaSetCondition failure(ReplicaSet replicaSet) {
        return replicaSet.getStatus() == null
                ? null
                : replicaSet.getStatus().getConditions().stream()
                        .filter(c -> REPLICA_FAILURE.equals(c.getType()))
                        .findFirst()
                        .orElse(null);
    }
}
