package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The pods that a job has, by role and index. */
final class Replicas {

    private final Job job;
    private final List<Pod> pods;

    Replicas(Job job, List<Pod> pods) {
        this.job = job;
        this.pods = pods;
    }

    List<Pod> all() {
        return pods;
    }

    /** The role's pods by index; pods whose labels were tampered with are left out. */
    SortedMap<Integer, Pod> of(String role) {
        var byIndex = new TreeMap<Integer, Pod>();
        for (var pod : pods) {
            var labels = pod.getMetadata().getLabels();
            if (labels != null && role.toLowerCase(Locale.ROOT).equals(labels.get(Templates.ROLE_LABEL))) {
                index(labels.get(Templates.INDEX_LABEL)).ifPresent(index -> byIndex.putIfAbsent(index, pod));
            }
        }
        return byIndex;
    }

    private static OptionalInt index(@Nullable String label) {
        try {
            return label == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseUnsignedInt(label));
        } catch (NumberFormatException _) {
            return OptionalInt.empty();
        }
    }

    JobStatus.ReplicaStatus status(String role) {
        int active = 0;
        int succeeded = 0;
        int failed = 0;
        for (var pod : of(role).values()) {
            switch (phase(pod)) {
                // A running pod that is being deleted may never reach another phase: its node may be gone.
                case "Running" -> {
                    active += isTerminating(pod) ? 0 : 1;
                    failed += isTerminating(pod) ? 1 : 0;
                }
                case "Succeeded" -> succeeded++;
                case "Failed" -> failed++;
                default -> {}
            }
        }
        return JobStatus.ReplicaStatus.of(active, succeeded, failed);
    }

    /** Whether the replica's pod and its training container ended well. */
    boolean completed(String role, int index) {
        var pod = of(role).get(index);
        return pod != null && phase(pod).equals("Succeeded") && exitCode(pod).orElse(-1) == 0;
    }

    /** The training container's exit code, when it has ended. */
    OptionalInt exitCode(Pod pod) {
        for (var status : containerStatuses(pod)) {
            var ended = terminated(status);
            if (job.framework().containerName().equals(status.getName()) && ended != null) {
                return OptionalInt.of(ended.getExitCode());
            }
        }
        return OptionalInt.empty();
    }

    /** Pods that neither ended nor are being deleted. */
    List<Pod> active() {
        return pods.stream()
                .filter(pod -> !isTerminating(pod)
                        && !phase(pod).equals("Succeeded")
                        && !phase(pod).equals("Failed"))
                .toList();
    }

    int failed() {
        return (int) pods.stream().filter(pod -> phase(pod).equals("Failed")).count();
    }

    /** How often the containers of running pods were restarted, over the roles whose policy restarts any. */
    int restarts() {
        int restarts = 0;
        for (var role : job.roles().entrySet()) {
            if (role.getValue().restartPolicy() == Job.RestartPolicy.NEVER) {
                continue;
            }
            for (var pod : of(role.getKey()).values()) {
                if (phase(pod).equals("Running")) {
                    var statuses = new ArrayList<>(containerStatuses(pod));
                    statuses.addAll(initContainerStatuses(pod));
                    restarts += statuses.stream()
                            .mapToInt(ContainerStatus::getRestartCount)
                            .sum();
                }
            }
        }
        return restarts;
    }

    static String phase(Pod pod) {
        var status = pod.getStatus();
        return status == null || status.getPhase() == null ? "Pending" : status.getPhase();
    }

    static boolean isTerminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    static List<ContainerStatus> containerStatuses(Pod pod) {
        return pod.getStatus() == null ? List.of() : pod.getStatus().getContainerStatuses();
    }

    static List<ContainerStatus> initContainerStatuses(Pod pod) {
        return pod.getStatus() == null ? List.of() : pod.getStatus().getInitContainerStatuses();
    }

    static @Nullable ContainerStateTerminated terminated(ContainerStatus status) {
        ContainerState state = status.getState();
        return state == null ? null : state.getTerminated();
    }
}
