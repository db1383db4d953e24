package dev.sampan.controllers.deployment;

import dev.sampan.controllers.pods.Scaled;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** How many replicas are wanted, allowed and there: the arithmetic of rolling updates. */
final class Sizes {

    private Sizes() {}

    /** How far a rollout may go above and below the wanted size. */
    record Fenceposts(int maxSurge, int maxUnavailable) {

        /** Percentages of the size: surge rounds up, unavailable rounds down; both zero would block, so one may go. */
        static Fenceposts resolve(@Nullable IntOrString maxSurge, @Nullable IntOrString maxUnavailable, int desired) {
            int surge = Scaled.of(maxSurge, desired, true);
            int unavailable = Scaled.of(maxUnavailable, desired, false);
            return surge == 0 && unavailable == 0 ? new Fenceposts(0, 1) : new Fenceposts(surge, unavailable);
        }
    }

    static boolean isRolling(Deployment deployment) {
        var strategy = deployment.getSpec().getStrategy();
        return strategy == null || !"Recreate".equals(strategy.getType());
    }

    static int desired(Deployment deployment) {
        return or(deployment.getSpec().getReplicas(), 1);
    }

    private static Fenceposts fenceposts(Deployment deployment) {
        var strategy = deployment.getSpec().getStrategy();
        var rolling = strategy == null ? null : strategy.getRollingUpdate();
        var quarter = new IntOrString("25%");
        return rolling == null
                ? Fenceposts.resolve(quarter, quarter, desired(deployment))
                : Fenceposts.resolve(rolling.getMaxSurge(), rolling.getMaxUnavailable(), desired(deployment));
    }

    static int maxSurge(Deployment deployment) {
        return isRolling(deployment) ? fenceposts(deployment).maxSurge() : 0;
    }

    static int maxUnavailable(Deployment deployment) {
        if (!isRolling(deployment) || desired(deployment) == 0) {
            return 0;
        }
        return Math.min(fenceposts(deployment).maxUnavailable(), desired(deployment));
    }

    /** The size that the new ReplicaSet may grow to now. */
    static int newReplicaSetSize(Deployment deployment, Collection<ReplicaSet> all, int current) {
        int desired = desired(deployment);
        if (!isRolling(deployment)) {
            return desired;
        }
        int total = wanted(all);
        int allowed = desired + maxSurge(deployment);
        return total >= allowed ? current : current + Math.min(allowed - total, desired - current);
    }

    static int size(ReplicaSet replicaSet) {
        return or(replicaSet.getSpec().getReplicas(), 1);
    }

    /** Replicas that the specifications ask for. */
    static int wanted(Collection<ReplicaSet> all) {
        return all.stream().mapToInt(Sizes::size).sum();
    }

    /** Pods that exist. */
    static int existing(Collection<ReplicaSet> all) {
        return all.stream()
                .mapToInt(rs -> rs.getStatus() == null ? 0 : or(rs.getStatus().getReplicas(), 0))
                .sum();
    }

    static int ready(Collection<ReplicaSet> all) {
        return all.stream()
                .mapToInt(rs -> rs.getStatus() == null ? 0 : or(rs.getStatus().getReadyReplicas(), 0))
                .sum();
    }

    static int available(ReplicaSet replicaSet) {
        return replicaSet.getStatus() == null ? 0 : or(replicaSet.getStatus().getAvailableReplicas(), 0);
    }

    static int available(Collection<ReplicaSet> all) {
        return all.stream().mapToInt(Sizes::available).sum();
    }

    /** Whether the status was written after the last change of the specification. */
    static boolean isObserved(ReplicaSet replicaSet) {
        var status = replicaSet.getStatus();
        var generation = replicaSet.getMetadata().getGeneration();
        return status != null
                && status.getObservedGeneration() != null
                && generation != null
                && status.getObservedGeneration() >= generation;
    }

    /**
     * Available replicas that are sure to stay. A ReplicaSet that was made smaller may still report pods that are about
     * to go; upstream counts those, and falls below its bound when it shrinks twice in a row or rolls back.
     */
    static int lasting(ReplicaSet replicaSet) {
        return isObserved(replicaSet) ? Math.min(available(replicaSet), size(replicaSet)) : 0;
    }

    /** Replicas that are known not to be available. */
    static int unhealthy(ReplicaSet replicaSet) {
        return isObserved(replicaSet) ? Math.max(0, size(replicaSet) - available(replicaSet)) : 0;
    }

    static int or(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
