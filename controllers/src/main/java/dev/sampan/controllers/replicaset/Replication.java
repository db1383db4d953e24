package dev.sampan.controllers.replicaset;

import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pure part: how many pods to create, which to delete, and what the status says. */
final class Replication {

    /** At most this many creations or deletions in one pass. */
    static final int BURST = 500;

    private static final String FAILURE = "ReplicaFailure";

    private Replication() {}

    /** Either some to create, or some to delete, or neither. */
    record Decision(int create, List<Pod> delete) {}

    /**
     * @param active the owner's active pods
     * @param related active pods of the owner and its siblings, such as the other ReplicaSets of a deployment: of pods
     *     that share a node with many related ones, one goes first
     */
    static Decision decide(int wanted, List<Pod> active, Collection<Pod> related, Instant now) {
        int missing = wanted - active.size();
        if (missing >= 0) {
            return new Decision(Math.min(missing, BURST), List.of());
        }
        int surplus = Math.min(-missing, BURST);
        if (surplus == active.size()) {
            return new Decision(0, active);
        }
        var onNode = related.stream()
                .filter(Pods::isAssigned)
                .collect(Collectors.groupingBy(p -> p.getSpec().getNodeName(), Collectors.counting()));
        var victims = new ArrayList<>(active);
        victims.sort(new DeletionOrder(onNode, now));
        return new Decision(0, List.copyOf(victims.subList(0, surplus)));
    }

    /**
     * Counts; pods that were created and are not seen yet count as replicas, lest somebody takes the owner for empty and
     * deletes it. The conditions are the old ones, with the failure of this pass or without any.
     *
     * @param unseen pods that exist besides the active ones
     */
    static ReplicaKind.Status status(
            ReplicaKind.Spec spec,
            ReplicaKind.Status before,
            List<Pod> active,
            int unseen,
            long generation,
            @Nullable Failure failure,
            Instant now) {
        var templateLabels = spec.template().getMetadata() == null
                ? Map.<String, String>of()
                : Objects.requireNonNullElse(spec.template().getMetadata().getLabels(), Map.<String, String>of());
        int labelled = count(active, p -> Selectors.labels(p).entrySet().containsAll(templateLabels.entrySet()));
        int ready = count(active, Pods::isReady);
        int available = count(active, p -> Pods.isAvailable(p, spec.minReadySeconds(), now));
        return new ReplicaKind.Status(
                active.size() + unseen,
                labelled,
                ready,
                available,
                generation,
                conditions(before.conditions(), failure, now));
    }

    /** Why pods could not be created ({@code FailedCreate}) or deleted ({@code FailedDelete}). */
    record Failure(String reason, String message) {}

    private static List<ReplicaKind.Condition> conditions(
            List<ReplicaKind.Condition> before, @Nullable Failure failure, Instant now) {
        boolean known = before.stream().anyMatch(c -> c.type().equals(FAILURE));
        if (failure == null) {
            return known
                    ? before.stream().filter(c -> !c.type().equals(FAILURE)).toList()
                    : before;
        }
        if (known) {
            return before;
        }
        var result = new ArrayList<>(before);
        var time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        result.add(new ReplicaKind.Condition(FAILURE, "True", failure.reason(), failure.message(), time));
        return List.copyOf(result);
    }

    private static int count(List<Pod> pods, Function<Pod, Boolean> test) {
        return (int) pods.stream().filter(test::apply).count();
    }

    /** When the next ready pod becomes available by itself; null when none is about to. */
    static @Nullable Duration untilNextAvailable(List<Pod> active, int minReadySeconds, Instant now) {
        return active.stream()
                .map(p -> Pods.untilAvailable(p, minReadySeconds, now))
                .filter(Objects::nonNull)
                .min(Duration::compareTo)
                .orElse(null);
    }
}
