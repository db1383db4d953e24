package dev.sampan.controllers.replicaset;

import dev.sampan.controllers.pods.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which pods a shrinking owner gives up first: those not on a node, not running, not ready, of lower deletion cost, on
 * crowded nodes, ready for less time, restarted more often, younger. Times count by powers of two, within which the UID
 * decides, so that victims of similar age are spread. Upstream: {@code ActivePodsWithRanks}.
 */
final class DeletionOrder implements Comparator<Pod> {

    private static final String COST = "controller.kubernetes.io/pod-deletion-cost";
    private static final List<String> PHASES = List.of("Pending", "Unknown", "Running");

    private final Map<String, Long> relatedOnNode;
    private final Instant now;

    DeletionOrder(Map<String, Long> relatedOnNode, Instant now) {
        this.relatedOnNode = relatedOnNode;
        this.now = now;
    }

    @Override
    public int compare(Pod a, Pod b) {
        int order = Boolean.compare(Pods.isAssigned(a), Pods.isAssigned(b));
        if (order == 0) {
            order = Integer.compare(PHASES.indexOf(Pods.phase(a)), PHASES.indexOf(Pods.phase(b)));
        }
        if (order == 0) {
            order = Boolean.compare(Pods.isReady(a), Pods.isReady(b));
        }
        if (order == 0) {
            order = Integer.compare(cost(a), cost(b));
        }
        if (order == 0) {
            order = Long.compare(crowd(b), crowd(a));
        }
        if (order == 0 && Pods.isReady(a)) {
            order = youngerFirst(a, b, Pods.readySince(a), Pods.readySince(b));
        }
        if (order == 0) {
            order = Integer.compare(Pods.restarts(b), Pods.restarts(a));
        }
        return order != 0 ? order : youngerFirst(a, b, created(a), created(b));
    }

    private static int cost(Pod pod) {
        var annotations = pod.getMetadata().getAnnotations();
        var text = annotations == null ? null : annotations.get(COST);
        try {
            return text == null ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0; // the API refuses such values; an old object may have one
        }
    }

    private long crowd(Pod pod) {
        return Pods.isAssigned(pod) ? relatedOnNode.getOrDefault(pod.getSpec().getNodeName(), 0L) : 0;
    }

    private static @Nullable Instant created(Pod pod) {
        var time = pod.getMetadata().getCreationTimestamp();
        return time == null ? null : Instant.parse(time);
    }

    private int youngerFirst(Pod a, Pod b, @Nullable Instant timeA, @Nullable Instant timeB) {
        if (timeA == null || timeB == null) {
            return Boolean.compare(timeA != null, timeB != null);
        }
        if (timeA.equals(timeB)) {
            return 0;
        }
        int order = Integer.compare(magnitude(timeA), magnitude(timeB));
        return order != 0
                ? order
                : String.valueOf(a.getMetadata().getUid())
                        .compareTo(String.valueOf(b.getMetadata().getUid()));
    }

    private int magnitude(Instant since) {
        long age = Duration.between(since, now).toNanos();
        return age <= 0 ? -1 : 63 - Long.numberOfLeadingZeros(age);
    }
}
