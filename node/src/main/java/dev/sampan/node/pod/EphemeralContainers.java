package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** Containers that somebody added to a running pod, as {@code kubectl debug} does: started once, never again, and never ready. */
final class EphemeralContainers {

    private EphemeralContainers() {}

    /** In the form of the pod's other containers. */
    static List<Container> of(Pod pod) {
        return pod.getSpec().getEphemeralContainers().stream()
                .map(EphemeralContainers::container)
                .toList();
    }

    static boolean contains(Pod pod, Container container) {
        return pod.getSpec().getEphemeralContainers().stream()
                .anyMatch(ephemeral -> ephemeral.getName().equals(container.getName()));
    }

    private static Container container(EphemeralContainer from) {
        return new ContainerBuilder()
                .withName(from.getName())
                .withImage(from.getImage())
                .withImagePullPolicy(from.getImagePullPolicy())
                .withCommand(from.getCommand())
                .withArgs(from.getArgs())
                .withWorkingDir(from.getWorkingDir())
                .withEnv(from.getEnv())
                .withEnvFrom(from.getEnvFrom())
                .withVolumeMounts(from.getVolumeMounts())
                .withSecurityContext(from.getSecurityContext())
                .withStdin(from.getStdin())
                .withStdinOnce(from.getStdinOnce())
                .withTty(from.getTty())
                .withTerminationMessagePath(from.getTerminationMessagePath())
                .withTerminationMessagePolicy(from.getTerminationMessagePolicy())
                .build();
    }
}
