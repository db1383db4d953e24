package dev.sampan.node.pod;

import dev.sampan.node.files.Trees;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one pod's containers to where its specification wants them, one step a call: what runs is looked at, what is missing is started,
 * what must not run is stopped. Level-triggered; every call works from the pod and the runtime alone.
 */
final class PodSync {

    private static final String CRASH_LOOP = "CrashLoopBackOff";
    private static final String PULL_FAILED = "ErrImagePull";
    private static final Duration RETRY = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(PodSync.class);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration REFRESH = Duration.ofSeconds(10);
    private static final Duration CONFIG_RETRY = Duration.ofSeconds(1);

    private final Runs runs;
    private final ContainerStarter starter;
    private final ProbeRunner prober;
    private final PodEvents events;
    private final InstantSource clock;
    private final java.util.function.Consumer<String> wake;

    /** @param wake puts a pod's uid back into the queue */
    PodSync(
            Runs runs,
            ContainerStarter starter,
            ProbeRunner prober,
            PodEvents events,
            InstantSource clock,
            java.util.function.Consumer<String> wake) {
        this.runs = runs;
        this.starter = starter;
        this.prober = prober;
        this.events = events;
        this.clock = clock;
        this.wake = wake;
    }

    /** One step; returns when to look again at the latest. */
    Duration sync(Pod pod, PodSandbox sandbox) {
        observe(pod, sandbox);
        if (!prepare(pod, sandbox)) {
            return CONFIG_RETRY;
        }
        var next = new ArrayList<Duration>();
        next.add(PodVolumes.mayChange(pod) ? REFRESH : IDLE);
        if (isDone(pod, sandbox)) {
            finish(pod, sandbox);
        } else if (runInitContainers(pod, sandbox, next)) {
            for (var container : pod.getSpec().getContainers()) {
                drive(pod, sandbox, container, restarts(pod, container), next);
            }
            for (var container : EphemeralContainers.of(pod)) {
                drive(pod, sandbox, container, Restarts.NEVER, next);
            }
        }
        return next.stream().min(Duration::compareTo).orElse(IDLE);
    }

    /** Whether every main container has ended for good, or none will start because an init container has failed for good. */
    private static boolean isDone(Pod pod, PodSandbox sandbox) {
        return PodStatuses.initFailed(pod, sandbox.runs)
                || pod.getSpec().getContainers().stream()
                        .allMatch(
                                c -> sandbox.run(c.getName()).ended() && !mayRestart(pod, c, sandbox.run(c.getName())));
    }

    /** Sidecars end after the last main container, in the reverse of their order. */
    private void finish(Pod pod, PodSandbox sandbox) {
        for (var container : EphemeralContainers.of(pod)) {
            stopOne(pod, sandbox, container, grace(pod), "Stopping container " + container.getName());
        }
        for (var init : pod.getSpec().getInitContainers().reversed()) {
            stopOne(pod, sandbox, init, grace(pod), "Stopping container " + init.getName());
        }
        observe(pod, sandbox);
    }

    private static boolean mayRestart(Pod pod, Container container, ContainerRun run) {
        return switch (restarts(pod, container)) {
            case ALWAYS -> true;
            case ON_FAILURE -> !run.succeeded();
            case NEVER -> false;
        };
    }

    private enum Restarts {
        ALWAYS,
        ON_FAILURE,
        NEVER
    }

    private static Restarts restarts(Pod pod, Container container) {
        if (PodStatuses.isSidecar(container)) {
            return Restarts.ALWAYS;
        }
        if (EphemeralContainers.contains(pod, container)) {
            return Restarts.NEVER;
        }
        return switch (Objects.requireNonNullElse(pod.getSpec().getRestartPolicy(), "Always")) {
            case "Never" -> Restarts.NEVER;
            case "OnFailure" -> Restarts.ON_FAILURE;
            default -> Restarts.ALWAYS;
        };
    }

    /** Takes over what the runtime and the probes know now. */
    private void observe(Pod pod, PodSandbox sandbox) {
        for (var container : all(pod).toList()) {
            var run = sandbox.run(container.getName());
            if (run.attempt < 0) {
                continue;
            }
            var id = new RunId(sandbox.uid, container.getName(), run.attempt);
            boolean wasEnded = run.ended();
            run.state = runs.state(id);
            if (run.running() && !sandbox.probes.containsKey(container.getName())) {
                sandbox.probes.put(container.getName(), probes(pod, sandbox, container, id)); // adopted
            }
            if (run.state instanceof RunState.Exited exited) {
                endProbes(sandbox, container.getName());
                if (!wasEnded) {
                    run.lastMessage = starter.terminationMessage(sandbox, container, run);
                }
                run.state = exited.saying(run.lastMessage);
            }
            var probes = sandbox.probes.get(container.getName());
            run.started = run.running() && probes != null && probes.started();
            run.ready = PodStatuses.isSidecar(container) || !isInit(pod, container)
                    ? run.running() && probes != null && probes.ready() && !EphemeralContainers.contains(pod, container)
                    : run.succeeded();
        }
    }

    private static boolean isInit(Pod pod, Container container) {
        return pod.getSpec().getInitContainers().contains(container);
    }

    private static void endProbes(PodSandbox sandbox, String container) {
        var probes = sandbox.probes.remove(container);
        if (probes != null) {
            probes.close();
        }
    }

    private boolean prepare(Pod pod, PodSandbox sandbox) {
        if (sandbox.sandboxReady) {
            starter.refreshVolumes(pod, sandbox);
            return true;
        }
        try {
            starter.prepare(pod, sandbox);
            sandbox.sandboxReady = true;
            return true;
        } catch (ConfigException e) {
            events.warning(pod, "FailedMount", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            events.warning(pod, "FailedMount", "MountVolume.SetUp failed: " + e);
        }
        return false;
    }

    /** Runs init containers one after the other; true once the main containers may run. From then on only sidecars are kept up. */
    private boolean runInitContainers(Pod pod, PodSandbox sandbox, List<Duration> next) {
        boolean begun = PodStatuses.begun(pod, sandbox.runs);
        for (var init : pod.getSpec().getInitContainers()) {
            var run = sandbox.run(init.getName());
            boolean sidecar = PodStatuses.isSidecar(init);
            if (!sidecar && (begun || run.succeeded())) {
                continue;
            }
            drive(pod, sandbox, init, sidecar ? Restarts.ALWAYS : initRestarts(pod), next);
            if (!begun && (!sidecar || !run.started)) {
                return false;
            }
        }
        return true;
    }

    private static Restarts initRestarts(Pod pod) {
        return "Never".equals(pod.getSpec().getRestartPolicy()) ? Restarts.NEVER : Restarts.ON_FAILURE;
    }

    private void drive(Pod pod, PodSandbox sandbox, Container container, Restarts restarts, List<Duration> next) {
        var run = sandbox.run(container.getName());
        switch (run.state) {
            case RunState.Running running -> restartIfUnhealthy(pod, sandbox, container, next);
            case RunState.Absent absent -> start(pod, sandbox, container, next);
            case RunState.Exited exited -> {
                boolean again = restarts == Restarts.ALWAYS || restarts == Restarts.ON_FAILURE && !run.succeeded();
                if (again) {
                    restart(pod, sandbox, container, exited, next);
                } else {
                    run.waiting = null; // a start that failed for good shows as the end that it is
                }
            }
        }
    }

    private void restartIfUnhealthy(Pod pod, PodSandbox sandbox, Container container, List<Duration> next) {
        var probes = sandbox.probes.get(container.getName());
        if (probes != null && probes.unhealthy()) {
            events.normal(
                    pod,
                    container,
                    "Killing",
                    "Container " + container.getName() + " " + probes.unhealthyReason() + ", will be restarted");
            var probe =
                    container.getLivenessProbe() != null ? container.getLivenessProbe() : container.getStartupProbe();
            var grace = probe != null && probe.getTerminationGracePeriodSeconds() != null
                    ? Duration.ofSeconds(probe.getTerminationGracePeriodSeconds())
                    : grace(pod);
            stopOne(pod, sandbox, container, grace, null);
            observe(pod, sandbox);
            next.add(Duration.ZERO);
        }
    }

    private void restart(
            Pod pod, PodSandbox sandbox, Container container, RunState.Exited exited, List<Duration> next) {
        var run = sandbox.run(container.getName());
        if (exited.ran().compareTo(Backoff.RESET_AFTER) >= 0) {
            run.quickFailures = 0;
        }
        var wait = Duration.between(clock.instant(), exited.finishedAt().plus(Backoff.delay(run.quickFailures)));
        if (wait.isPositive()) {
            if (run.waiting == null || !run.waiting.reason().equals(CRASH_LOOP)) {
                var message = "Back-off restarting failed container " + container.getName() + " in pod "
                        + pod.getMetadata().getName() + "_" + pod.getMetadata().getNamespace() + "("
                        + sandbox.uid + ")";
                run.waiting = new ContainerRun.Waiting(
                        CRASH_LOOP,
                        "back-off " + Backoff.delay(run.quickFailures).toSeconds() + "s restarting failed container="
                                + container.getName() + " pod="
                                + pod.getMetadata().getName() + "_"
                                + pod.getMetadata().getNamespace() + "(" + sandbox.uid + ")");
                events.warning(pod, container, "BackOff", message);
            }
            next.add(wait);
            return;
        }
        run.quickFailures++;
        run.last = exited;
        start(pod, sandbox, container, next);
    }

    private void start(Pod pod, PodSandbox sandbox, Container container, List<Duration> next) {
        var run = sandbox.run(container.getName());
        if (run.retryAt != null && clock.instant().isBefore(run.retryAt)) {
            showBackOff(pod, container, run);
            next.add(Duration.between(clock.instant(), run.retryAt));
            return;
        }
        var problem = starter.start(pod, sandbox, container, run);
        var id = new RunId(sandbox.uid, container.getName(), run.attempt);
        if (problem.isPresent()) {
            run.state = runs.state(id); // a program that cannot start has ended
            next.add(waitFor(run, problem.get()));
            if (run.ended() && !mayRestart(pod, container, run)) {
                run.waiting = null;
            }
            return;
        }
        runs.forgetBefore(new RunId(sandbox.uid, container.getName(), run.attempt - 1));
        run.waiting = null;
        run.retryAt = null;
        run.pullFailures = 0;
        run.state = runs.state(id);
        endProbes(sandbox, container.getName());
        sandbox.probes.put(container.getName(), probes(pod, sandbox, container, id));
        postStart(pod, sandbox, container, id);
        observe(pod, sandbox);
    }

    /**
     * What stands in the way is looked at again: an image after 10 s, doubled up to 5 minutes, anything else after 2 s.
     *
     * @return when to come back
     */
    private Duration waitFor(ContainerRun run, ContainerRun.Waiting problem) {
        run.waiting = problem;
        if (!problem.reason().equals(PULL_FAILED)) {
            run.retryAt = run.ended() ? null : clock.instant().plus(RETRY);
            return RETRY;
        }
        run.pullFailures++;
        run.retryAt = clock.instant().plus(Backoff.delay(run.pullFailures));
        return RETRY;
    }

    /** As the kubelet does, a container whose image failed shows the failure first and that it waits some time later. */
    private void showBackOff(Pod pod, Container container, ContainerRun run) {
        var problem = run.waiting;
        if (problem == null || run.retryAt == null || !problem.reason().equals(PULL_FAILED)) {
            return;
        }
        var failedAt = run.retryAt.minus(Backoff.delay(run.pullFailures));
        if (!clock.instant().isBefore(failedAt.plus(RETRY))) {
            var backOff = "Back-off pulling image \"" + container.getImage() + "\"";
            run.waiting = new ContainerRun.Waiting(
                    "ImagePullBackOff", backOff + ": " + PULL_FAILED + ": " + problem.message());
            events.normal(pod, container, "BackOff", backOff);
        }
    }

    private ContainerProbes probes(Pod pod, PodSandbox sandbox, Container container, RunId id) {
        return new ContainerProbes(pod, container, id, sandbox.ip, prober, events, () -> wake.accept(sandbox.uid));
    }

    private void postStart(Pod pod, PodSandbox sandbox, Container container, RunId id) {
        var lifecycle = container.getLifecycle();
        if (lifecycle == null || lifecycle.getPostStart() == null) {
            return;
        }
        var outcome = starter.handle(lifecycle.getPostStart(), container, id, sandbox.ip, Duration.ofMinutes(2));
        if (!outcome.success()) {
            events.warning(pod, container, "FailedPostStartHook", "PostStartHook failed: " + outcome.output());
            stopOne(pod, sandbox, container, grace(pod), null);
        }
    }

    /** Ends every container of the pod, main ones first, and waits for them. */
    void stopAll(Pod pod, PodSandbox sandbox, Duration grace) throws InterruptedException {
        var threads = Stream.concat(pod.getSpec().getContainers().stream(), EphemeralContainers.of(pod).stream())
                .map(c -> Thread.ofVirtual()
                        .start(() -> stopOne(pod, sandbox, c, grace, "Stopping container " + c.getName())))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        for (var init : pod.getSpec().getInitContainers().reversed()) {
            stopOne(pod, sandbox, init, grace, "Stopping container " + init.getName());
        }
        observe(pod, sandbox);
    }

    private void stopOne(
            Pod pod,
            PodSandbox sandbox,
            Container container,
            Duration grace,
            @org.jspecify.annotations.Nullable String message) {
        var run = sandbox.runs.get(container.getName());
        if (run == null || !run.running()) {
            return;
        }
        if (message != null) {
            events.normal(pod, container, "Killing", message);
        }
        var id = new RunId(sandbox.uid, container.getName(), run.attempt);
        var began = clock.instant();
        preStop(pod, sandbox, container, id, grace);
        var left = grace.minus(Duration.between(began, clock.instant()));
        try {
            runs.stop(id, left.isNegative() ? Duration.ofSeconds(2) : left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endProbes(sandbox, container.getName());
    }

    private void preStop(Pod pod, PodSandbox sandbox, Container container, RunId id, Duration grace) {
        var lifecycle = container.getLifecycle();
        if (lifecycle == null || lifecycle.getPreStop() == null || grace.isZero()) {
            return;
        }
        var outcome = starter.handle(lifecycle.getPreStop(), container, id, sandbox.ip, grace);
        if (!outcome.success()) {
            events.warning(pod, container, "FailedPreStopHook", "PreStopHook failed: " + outcome.output());
        }
    }

    /** The pod's own grace period, or the one its deletion asked for. */
    static Duration grace(Pod pod) {
        var asked = Optional.ofNullable(pod.getMetadata().getDeletionGracePeriodSeconds())
                .or(() -> Optional.ofNullable(pod.getSpec().getTerminationGracePeriodSeconds()));
        return Duration.ofSeconds(asked.orElse(30L));
    }

    private static Stream<Container> all(Pod pod) {
        return Stream.of(pod.getSpec().getInitContainers(), pod.getSpec().getContainers(), EphemeralContainers.of(pod))
                .flatMap(List::stream);
    }

    /** Removes everything that the pod left on this node. */
    void clean(PodSandbox sandbox) {
        sandbox.probes.values().forEach(ContainerProbes::close);
        sandbox.probes.clear();
        clean(sandbox.folder);
        clean(sandbox.logs);
    }

    void clean(Path folder) {
        try {
            Trees.delete(folder);
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", folder, e.toString());
        }
    }

    /** When the pod has run for longer than it may, the moment that this happened. */
    static Optional<Instant> deadline(Pod pod, PodSandbox sandbox) {
        return Optional.ofNullable(pod.getSpec().getActiveDeadlineSeconds()).map(s -> sandbox.startTime.plusSeconds(s));
    }
}
