package dev.sampan.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a resized deployment's replicas are shared out. With one active ReplicaSet it takes all; in the middle of a rollout
 * each grows or shrinks by its share, so that the risk stays spread as it was.
 */
final class Scaling {

    private final Deployment deployment;
    private final @Nullable ReplicaSet newest;
    private final List<ReplicaSet> old;

    /** @param old oldest first */
    Scaling(Deployment deployment, @Nullable ReplicaSet newest, List<ReplicaSet> old) {
        this.deployment = deployment;
        this.newest = newest;
        this.old = old;
    }

    /** The size of each ReplicaSet that is concerned. */
    Map<ReplicaSet, Integer> targets() {
        int desired = Sizes.desired(deployment);
        var only = activeOrLatest();
        if (only != null) {
            return Sizes.size(only) == desired ? Map.of() : Map.of(only, desired);
        }
        var targets = new LinkedHashMap<ReplicaSet, Integer>();
        if (isSaturated()) {
            old.stream().filter(rs -> Sizes.size(rs) > 0).forEach(rs -> targets.put(rs, 0));
        } else if (Sizes.isRolling(deployment)) {
            shareOut(targets);
        }
        return targets;
    }

    private List<ReplicaSet> active() {
        var active = new ArrayList<>(old);
        if (newest != null) {
            active.add(newest);
        }
        active.removeIf(rs -> Sizes.size(rs) == 0);
        return active;
    }

    private @Nullable ReplicaSet activeOrLatest() {
        var active = active();
        if (active.size() == 1) {
            return active.getFirst();
        }
        if (!active.isEmpty()) {
            return null;
        }
        return newest != null || old.isEmpty() ? newest : old.getLast();
    }

    private boolean isSaturated() {
        if (newest == null) {
            return false;
        }
        int desired = Sizes.desired(deployment);
        var annotated = Revisions.desiredAnnotation(newest);
        return annotated.isPresent()
                && annotated.getAsInt() == desired
                && Sizes.size(newest) == desired
                && Sizes.available(newest) == desired;
    }

    private void shareOut(Map<ReplicaSet, Integer> targets) {
        int desired = Sizes.desired(deployment);
        int allowed = desired > 0 ? desired + Sizes.maxSurge(deployment) : 0;
        var active = active();
        if (active.isEmpty()) {
            return;
        }
        int toAdd = allowed - Sizes.wanted(active);
        var byAge = Comparator.comparing((ReplicaSet rs) -> rs.getMetadata().getCreationTimestamp());
        active.sort(
                Comparator.comparingInt(Sizes::size).reversed().thenComparing(toAdd > 0 ? byAge.reversed() : byAge));
        int added = 0;
        for (var replicaSet : active) {
            int share = toAdd == 0 ? 0 : share(replicaSet, toAdd, toAdd - added);
            targets.put(replicaSet, Sizes.size(replicaSet) + share);
            added += share;
        }
        int rest = toAdd - added;
        if (toAdd != 0 && rest != 0) {
            targets.merge(active.getFirst(), rest, (size, more) -> Math.max(0, size + more));
        }
    }

    private int share(ReplicaSet replicaSet, int toAdd, int left) {
        if (left == 0) {
            return 0;
        }
        int fraction = fraction(replicaSet);
        return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
    }

    /** How much the ReplicaSet would change if it kept its part of the whole. */
    private int fraction(ReplicaSet replicaSet) {
        int size = Sizes.size(replicaSet);
        int desired = Sizes.desired(deployment);
        if (desired == 0) {
            return -size;
        }
        int max = desired + Sizes.maxSurge(deployment);
        int maxBefore = Revisions.maxAnnotation(replicaSet).orElse(0);
        if (maxBefore == 0) {
            maxBefore = deployment.getStatus() == null
                    ? 0
                    : Sizes.or(deployment.getStatus().getReplicas(), 0);
        }
        return maxBefore == 0 ? 0 : (int) Math.round((double) size * max / maxBefore) - size;
    }
}
