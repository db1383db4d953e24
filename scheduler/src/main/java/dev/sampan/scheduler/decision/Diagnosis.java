package dev.sampan.scheduler.decision;

import dev.sampan.scheduler.framework.Rejection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why no node would do.
 *
 * @param rejections for each node of the snapshot, by position; null where a node was not looked at
 * @param everywhere the rejection that holds for all nodes, found before any was looked at; null if none
 */
public record Diagnosis(
        @Nullable Rejection[] rejections, @Nullable Rejection everywhere) {

    /** Names of the plugins that rejected the pod somewhere. */
    public Set<String> plugins() {
        Set<String> names = new HashSet<>();
        if (everywhere != null) {
            names.add(everywhere.plugin());
        }
        for (Rejection rejection : rejections) {
            if (rejection != null) {
                names.add(rejection.plugin());
            }
        }
        return names;
    }

    /** Whether evicting pods from the node could let the pod in. */
    public boolean resolvable(int position) {
        Rejection rejection = rejections[position];
        return everywhere == null && rejection != null && rejection.resolvable();
    }

    /**
     * The text of a FailedScheduling event, for example {@code 0/3 nodes are available: 1 node(s) were unschedulable,
     * 2 Insufficient cpu.}
     *
     * @param postscript what preemption found; empty for nothing
     */
    public String message(String postscript) {
        if (rejections.length == 0 && everywhere == null) {
            return "no nodes available to schedule pods";
        }
        StringBuilder text = new StringBuilder("0/" + rejections.length + " nodes are available:");
        if (everywhere != null) {
            text.append(' ').append(String.join(", ", everywhere.reasons())).append('.');
        } else {
            String histogram = histogram(Arrays.asList(rejections));
            if (!histogram.isEmpty()) {
                text.append(' ').append(histogram).append('.');
            }
        }
        return postscript.isEmpty()
                ? text.toString()
                : text.append(' ').append(postscript).toString();
    }

    /** Each reason with the number of nodes that gave it, in alphabetical order. */
    static String histogram(List<@Nullable Rejection> rejections) {
        Map<String, Integer> counts = new HashMap<>();
        for (Rejection rejection : rejections) {
            if (rejection != null) {
                rejection.reasons().forEach(reason -> counts.merge(reason, 1, Integer::sum));
            }
        }
        List<String> parts = new ArrayList<>();
        counts.forEach((reason, count) -> parts.add(count + " " + reason));
        parts.sort(null);
        return String.join(", ", parts);
    }
}
