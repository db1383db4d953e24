package dev.sampan.node.pod;

import dev.sampan.node.pod.RunState.Exited;
import dev.sampan.node.pod.RunState.Running;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the API shows of a pod: a pure function of its specification and its containers' runs, as kubelet computes it. */
final class PodStatuses {

    private PodStatuses() {}

    /** What is the same for all containers of the pod. */
    record Facts(
            @Nullable String podIp,
            String hostIp,
            Instant startTime,
            boolean sandboxReady,
            boolean terminating,
            @Nullable String failedReason,
            @Nullable String failedMessage) {}

    static PodStatus of(Pod pod, Map<String, ContainerRun> runs, Facts facts, Instant now) {
        var spec = pod.getSpec();
        var phase = phase(pod, runs, facts);
        var initialized = initialized(pod, runs);
        var notYet = spec.getInitContainers().isEmpty() ? "ContainerCreating" : "PodInitializing";
        var builder = new PodStatusBuilder()
                .withPhase(phase)
                .withHostIP(facts.hostIp())
                .addNewHostIP(facts.hostIp())
                .withStartTime(seconds(facts.startTime()))
                .withQosClass(QosClass.of(pod))
                .withReason(facts.failedReason())
                .withMessage(facts.failedMessage())
                .withContainerStatuses(statuses(spec.getContainers(), runs, notYet))
                .withInitContainerStatuses(statuses(spec.getInitContainers(), runs, notYet))
                .withEphemeralContainerStatuses(statuses(EphemeralContainers.of(pod), runs, notYet))
                .withConditions(conditions(pod, runs, facts, phase, initialized, now));
        if (pod.getMetadata().getGeneration() != null) {
            builder.withObservedGeneration(pod.getMetadata().getGeneration());
        }
        if (facts.podIp() != null) {
            builder.withPodIP(facts.podIp()).withPodIPs(new PodIP(facts.podIp()));
        }
        return builder.build();
    }

    static String phase(Pod pod, Map<String, ContainerRun> runs, Facts facts) {
        if (facts.failedReason() != null) {
            return "Failed";
        }
        var policy = Objects.requireNonNullElse(pod.getSpec().getRestartPolicy(), "Always");
        boolean sidecarRuns = pod.getSpec().getInitContainers().stream()
                .anyMatch(c -> isSidecar(c) && run(c, runs).running());
        if (initFailed(pod, runs)) {
            return sidecarRuns ? "Pending" : "Failed";
        }
        if (!initialized(pod, runs)) {
            return "Pending";
        }
        var main = pod.getSpec().getContainers().stream().map(c -> run(c, runs)).toList();
        if (main.stream().anyMatch(run -> run.attempt < 0)) {
            return "Pending";
        }
        boolean mayRestart = !facts.terminating()
                && (policy.equals("Always")
                        || policy.equals("OnFailure")
                                && main.stream().anyMatch(run -> run.ended() && !run.succeeded()));
        if (sidecarRuns || main.stream().anyMatch(ContainerRun::running) || mayRestart) {
            return "Running";
        }
        if (main.stream().allMatch(ContainerRun::ended)) {
            return main.stream().allMatch(ContainerRun::succeeded) ? "Succeeded" : "Failed";
        }
        return "Running";
    }

    /** Whether an init container has ended badly in a pod that restarts none. */
    static boolean initFailed(Pod pod, Map<String, ContainerRun> runs) {
        return "Never".equals(pod.getSpec().getRestartPolicy())
                && pod.getSpec().getInitContainers().stream()
                        .anyMatch(c -> !isSidecar(c)
                                && run(c, runs).ended()
                                && !run(c, runs).succeeded());
    }

    private static ContainerRun run(Container container, Map<String, ContainerRun> runs) {
        return runs.getOrDefault(container.getName(), new ContainerRun());
    }

    static boolean isSidecar(Container container) {
        return "Always".equals(container.getRestartPolicy());
    }

    /** Whether a main container has ever run, so that the init containers are a matter of the past. */
    static boolean begun(Pod pod, Map<String, ContainerRun> runs) {
        return pod.getSpec().getContainers().stream().anyMatch(c -> run(c, runs).attempt >= 0);
    }

    /** Whether every init container has done its part: ended well, or, for a sidecar, started. */
    static boolean initialized(Pod pod, Map<String, ContainerRun> runs) {
        return begun(pod, runs)
                || pod.getSpec().getInitContainers().stream().allMatch(init -> {
                    var run = runs.get(init.getName());
                    return run != null && (isSidecar(init) ? run.started : run.succeeded());
                });
    }

    private static List<ContainerStatus> statuses(
            List<Container> containers, Map<String, ContainerRun> runs, String notYet) {
        return containers.stream().map(c -> status(c, run(c, runs), notYet)).toList();
    }

    private static ContainerStatus status(Container container, ContainerRun run, String notYet) {
        var builder = new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImageID(Objects.requireNonNullElse(run.imageId, ""))
                .withRestartCount(run.restartCount())
                .withStarted(run.running() && run.started)
                .withReady(run.ready)
                .withResources(container.getResources())
                .withState(state(run, notYet));
        if (run.containerId != null) {
            builder.withContainerID(run.containerId);
        }
        var last = run.waiting != null && run.state instanceof Exited ended ? ended : run.last;
        if (last != null) {
            builder.withNewLastState().withTerminated(terminated(last)).endLastState();
        }
        return builder.build();
    }

    private static io.fabric8.kubernetes.api.model.ContainerState state(ContainerRun run, String notYet) {
        var state = new ContainerStateBuilder();
        if (run.state instanceof Running running) {
            return state.withNewRunning(seconds(running.startedAt())).build();
        }
        if (run.waiting != null) {
            return state.withNewWaiting(run.waiting.message(), run.waiting.reason())
                    .build();
        }
        if (run.state instanceof Exited exited) {
            return state.withTerminated(terminated(exited)).build();
        }
        return state.withNewWaiting(null, notYet).build();
    }

    private static io.fabric8.kubernetes.api.model.ContainerStateTerminated terminated(Exited exited) {
        return new io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder()
                .withExitCode(exited.exitCode())
                .withReason(exited.reason())
                .withMessage(exited.message().isEmpty() ? null : exited.message())
                .withContainerID(exited.containerId())
                .withStartedAt(seconds(exited.startedAt()))
                .withFinishedAt(seconds(exited.finishedAt()))
                .build();
    }

    private static List<PodCondition> conditions(
            Pod pod, Map<String, ContainerRun> runs, Facts facts, String phase, boolean initialized, Instant now) {
        var conditions = new ArrayList<PodCondition>();
        var done = phase.equals("Succeeded") || phase.equals("Failed");
        add(conditions, pod, "PodReadyToStartContainers", facts.sandboxReady() && !done, null, null, now);
        var uninitialized = names(pod.getSpec().getInitContainers(), runs, run -> run.succeeded() || run.started);
        add(
                conditions,
                pod,
                "Initialized",
                initialized,
                initialized ? (phase.equals("Succeeded") ? "PodCompleted" : null) : "ContainersNotInitialized",
                initialized ? null : "containers with incomplete status: " + uninitialized,
                now);
        var unready = names(pod.getSpec().getContainers(), runs, run -> run.ready);
        boolean containersReady = unready.equals("[]") && !done;
        var reason = containersReady
                ? null
                : phase.equals("Succeeded")
                        ? "PodCompleted"
                        : phase.equals("Failed") ? "PodFailed" : "ContainersNotReady";
        var message = containersReady || done ? null : "containers with unready status: " + unready;
        boolean gates = gatesOpen(pod);
        add(
                conditions,
                pod,
                "Ready",
                containersReady && gates,
                containersReady && !gates ? "ReadinessGatesNotReady" : reason,
                containersReady && !gates ? "the status of a readiness gate is not \"True\"" : message,
                now);
        add(conditions, pod, "ContainersReady", containersReady, reason, message, now);
        add(conditions, pod, "PodScheduled", true, null, null, now);
        keepForeign(conditions, pod);
        return conditions;
    }

    private static String names(
            List<Container> containers,
            Map<String, ContainerRun> runs,
            java.util.function.Predicate<ContainerRun> good) {
        return containers.stream()
                .filter(c -> !good.test(run(c, runs)))
                .map(Container::getName)
                .collect(Collectors.joining(" ", "[", "]"));
    }

    private static boolean gatesOpen(Pod pod) {
        return pod.getSpec().getReadinessGates().stream()
                .allMatch(gate -> existing(pod, gate.getConditionType()) instanceof PodCondition condition
                        && condition.getStatus().equals("True"));
    }

    private static void add(
            List<PodCondition> conditions,
            Pod pod,
            String type,
            boolean holds,
            @Nullable String reason,
            @Nullable String message,
            Instant now) {
        var status = holds ? "True" : "False";
        var before = existing(pod, type);
        var since = before != null && before.getStatus().equals(status) && before.getLastTransitionTime() != null
                ? before.getLastTransitionTime()
                : seconds(now);
        conditions.add(new PodConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(since)
                .build());
    }

    /** Conditions that others own (readiness gates, DisruptionTarget) stay as they are. */
    private static void keepForeign(List<PodCondition> conditions, Pod pod) {
        var ours = conditions.stream().map(PodCondition::getType).collect(Collectors.toSet());
        if (pod.getStatus() != null) {
            pod.getStatus().getConditions().stream()
                    .filter(condition -> !ours.contains(condition.getType()))
                    .forEach(conditions::add);
        }
    }

    private static @Nullable PodCondition existing(Pod pod, String type) {
        return pod.getStatus() == null
                ? null
                : pod.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst()
                        .orElse(null);
    }

    static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
