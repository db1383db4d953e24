package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Why a pod that should run does not: containers that wait or failed, else the pod's latest unmet condition. */
final class Trouble {

    private Trouble() {}

    static List<Change.Tell> of(Pod pod) {
        var name = pod.getMetadata().getName();
        var containers = Replicas.containerStatuses(pod).isEmpty()
                ? Replicas.initContainerStatuses(pod)
                : Replicas.containerStatuses(pod);
        if (!containers.isEmpty()) {
            return containers.stream()
                    .flatMap(status -> of(name, status).stream())
                    .toList();
        }
        if (pod.getStatus() == null) {
            return List.of();
        }
        return pod.getStatus().getConditions().stream()
                .max(Comparator.comparing(
                        condition -> Objects.requireNonNullElse(condition.getLastTransitionTime(), "")))
                .filter(condition -> !"True".equals(condition.getStatus()) && isSet(condition.getReason()))
                .map(condition -> of(name, condition))
                .map(List::of)
                .orElse(List.of());
    }

    private static Change.Tell of(String pod, PodCondition condition) {
        return Change.Tell.warning(
                condition.getReason(),
                "Error pod " + pod + " condition message: " + Objects.requireNonNullElse(condition.getMessage(), ""));
    }

    private static List<Change.Tell> of(String pod, ContainerStatus status) {
        var troubles = new ArrayList<Change.Tell>();
        var ended = Replicas.terminated(status);
        if (ended != null && ended.getExitCode() != 0) {
            troubles.add(Change.Tell.warning(
                    Objects.requireNonNullElse(ended.getReason(), "Error"),
                    "Error pod %s container %s exitCode: %d terminated message: %s"
                            .formatted(
                                    pod,
                                    status.getName(),
                                    ended.getExitCode(),
                                    Objects.requireNonNullElse(ended.getMessage(), ""))));
        }
        var waiting = status.getState() == null ? null : status.getState().getWaiting();
        if (waiting != null && isSet(waiting.getMessage())) {
            troubles.add(Change.Tell.warning(
                    Objects.requireNonNullElse(waiting.getReason(), "Waiting"),
                    "Error pod %s container %s waiting message: %s"
                            .formatted(pod, status.getName(), waiting.getMessage())));
        }
        return troubles;
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isEmpty();
    }
}
