package dev.sampan.node;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Why a container has no log, in the kubelet's words. */
final class MissingLog {

    private MissingLog() {}

    static String reason(Pod pod, String container, boolean previous) {
        var name = "container \"%s\" in pod \"%s\""
                .formatted(container, pod.getMetadata().getName());
        if (previous) {
            return "previous terminated " + name + " not found";
        }
        return state(pod, container).map(state -> name + reason(state)).orElseGet(() -> name + " is not available");
    }

    private static Optional<ContainerState> state(Pod pod, String container) {
        return Optional.ofNullable(pod.getStatus()).stream()
                .flatMap(status -> Stream.of(
                        status.getContainerStatuses(),
                        status.getInitContainerStatuses(),
                        status.getEphemeralContainerStatuses()))
                .flatMap(List::stream)
                .filter(status -> status.getName().equals(container) && status.getState() != null)
                .map(status -> status.getState())
                .findFirst();
    }

    private static String reason(ContainerState state) {
        if (state.getTerminated() != null) {
            return " is terminated";
        }
        if (state.getWaiting() == null) {
            return " is waiting to start - no logs yet";
        }
        var reason = state.getWaiting().getReason();
        return " is waiting to start: "
                + switch (reason) {
                    case "ErrImagePull" -> "image can't be pulled";
                    case "ImagePullBackOff" -> "trying and failing to pull image";
                    default -> reason;
                };
    }
}
