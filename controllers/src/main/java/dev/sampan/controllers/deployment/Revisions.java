package dev.sampan.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** The annotations by which ReplicaSets remember revisions and sizes. */
final class Revisions {

    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String HISTORY = "deployment.kubernetes.io/revision-history";
    static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    static final String MAX = "deployment.kubernetes.io/max-replicas";

    private static final int HISTORY_LENGTH = 2000;
    private static final Set<String> NOT_COPIED = Set.of(
            "kubectl.kubernetes.io/last-applied-configuration",
            REVISION,
            HISTORY,
            DESIRED,
            MAX,
            "deprecated.deployment.rollback.to");

    private Revisions() {}

    /** Zero when there is none or it is not a number. */
    static long of(ReplicaSet replicaSet) {
        var text = annotations(replicaSet.getMetadata().getAnnotations()).get(REVISION);
        return text == null ? 0 : number(text);
    }

    static long highest(Collection<ReplicaSet> replicaSets) {
        return replicaSets.stream().mapToLong(Revisions::of).max().orElse(0);
    }

    static OptionalInt desiredAnnotation(ReplicaSet replicaSet) {
        return integer(replicaSet, DESIRED);
    }

    static OptionalInt maxAnnotation(ReplicaSet replicaSet) {
        return integer(replicaSet, MAX);
    }

    private static OptionalInt integer(ReplicaSet replicaSet, String name) {
        var text = annotations(replicaSet.getMetadata().getAnnotations()).get(name);
        try {
            return text == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            return OptionalInt.empty(); // somebody else's value: as if absent
        }
    }

    /**
     * Annotations of the newest ReplicaSet: those of the deployment, and a revision above all old ones. An earlier
     * revision of its own, which it has when a rollback brought it back, goes to its history.
     */
    static Map<String, String> forNewest(Deployment deployment, Map<String, String> current, long revision) {
        var result = new HashMap<>(annotations(current));
        annotations(deployment.getMetadata().getAnnotations()).forEach((name, value) -> {
            if (!NOT_COPIED.contains(name)) {
                result.put(name, value);
            }
        });
        var earlier = result.get(REVISION);
        if (earlier == null || number(earlier) < revision) {
            result.put(REVISION, Long.toString(revision));
            if (earlier != null) {
                result.merge(HISTORY, earlier, Revisions::append);
            }
        }
        return result;
    }

    private static String append(String history, String revision) {
        var longer = history.isEmpty() ? revision : history + "," + revision;
        while (longer.length() > HISTORY_LENGTH) {
            longer = longer.substring(longer.indexOf(',') + 1);
        }
        return longer;
    }

    /** The annotations that say for which size of the deployment the ReplicaSet was scaled. */
    static Map<String, String> withSizes(Map<String, String> current, Deployment deployment) {
        var result = new HashMap<>(annotations(current));
        int desired = Sizes.desired(deployment);
        result.put(DESIRED, Integer.toString(desired));
        result.put(MAX, Integer.toString(desired + Sizes.maxSurge(deployment)));
        return result;
    }

    static Map<String, String> annotations(@org.jspecify.annotations.Nullable Map<String, String> annotations) {
        return annotations == null ? Map.of() : annotations;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0; // somebody else's value: older than any revision
        }
    }
}
