package dev.sampan.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.time.Duration;

/** One thing that a rollout decision wants done; applied in order, the first failure ends the pass. */
sealed interface Change {

    /** The deployment's revision annotation, which {@code kubectl rollout} shows. */
    record SetRevision(String revision) implements Change {}

    record CreateReplicaSet(ReplicaSet replicaSet) implements Change {}

    /** Size, annotations or minReadySeconds; the object carries the resource version it was decided from. */
    record UpdateReplicaSet(ReplicaSet replicaSet) implements Change {}

    record DeleteReplicaSet(ReplicaSet replicaSet) implements Change {}

    record UpdateStatus(DeploymentStatus status) implements Change {}

    record Tell(String reason, String message) implements Change {}

    /** Look again later, to notice that a deadline has passed. */
    record LookAgain(Duration after) implements Change {}
}
