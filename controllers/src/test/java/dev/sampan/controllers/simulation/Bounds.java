package dev.sampan.controllers.simulation;

import dev.sampan.controllers.pods.Pods;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The promises of a rolling update, worked out here once more from the documentation, not with the controller's code:
 * available pods never fall below the wanted size less maxUnavailable, and the ReplicaSets never ask for more than the
 * wanted size and maxSurge. After the size was changed, both the old and the new bounds count until the deployment has
 * settled.
 */
final class Bounds {

    private int floor;
    private int ceiling;

    static int maxUnavailable(Deployment deployment) {
        var rolling = deployment.getSpec().getStrategy().getRollingUpdate();
        int desired = deployment.getSpec().getReplicas();
        int unavailable = (int) Math.floor(part(rolling.getMaxUnavailable(), desired));
        int surge = (int) Math.ceil(part(rolling.getMaxSurge(), desired));
        return unavailable == 0 && surge == 0 ? 1 : Math.min(unavailable, desired);
    }

    static int maxSurge(Deployment deployment) {
        var rolling = deployment.getSpec().getStrategy().getRollingUpdate();
        return (int) Math.ceil(part(rolling.getMaxSurge(), deployment.getSpec().getReplicas()));
    }

    private static double part(IntOrString value, int desired) {
        var text = value.getStrVal();
        return text == null
                ? value.getIntVal()
                : Integer.parseInt(text.substring(0, text.length() - 1)) * desired / 100.0;
    }

    private static int floor(Deployment deployment) {
        return deployment.getSpec().getReplicas() - maxUnavailable(deployment);
    }

    private static int ceiling(Deployment deployment) {
        return deployment.getSpec().getReplicas() + maxSurge(deployment);
    }

    /** Somebody changed the deployment. */
    void changed(Deployment deployment) {
        floor = Math.min(floor, floor(deployment));
        ceiling = Math.max(ceiling, ceiling(deployment));
    }

    /** All is as wanted: from now on only the current bounds count. */
    void settled(Deployment deployment) {
        floor = floor(deployment);
        ceiling = ceiling(deployment);
    }

    /** Which promise is broken; null when none is. */
    @Nullable
    String broken(Deployment deployment, Collection<ReplicaSet> replicaSets, Collection<Pod> pods, Instant now) {
        int asked =
                replicaSets.stream().mapToInt(rs -> rs.getSpec().getReplicas()).sum();
        int seconds = deployment.getSpec().getMinReadySeconds() == null
                ? 0
                : deployment.getSpec().getMinReadySeconds();
        long available = pods.stream()
                .filter(Pods::isActive)
                .filter(p -> Pods.isAvailable(p, seconds, now))
                .count();
        if (asked > ceiling) {
            return asked + " replicas are asked for, at most " + ceiling + " may be";
        }
        if (available < floor) {
            return available + " pods are available, at least " + floor + " must be";
        }
        return null;
    }
}
