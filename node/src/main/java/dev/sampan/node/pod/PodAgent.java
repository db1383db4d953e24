package dev.sampan.node.pod;

import dev.sampan.client.Events;
import dev.sampan.client.Result;
import dev.sampan.node.logs.LogFiles;
import dev.sampan.node.runtime.Container;
import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.SandboxSpec;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after all pods of the node: one call of {@link #reconcile} brings one pod a step further and reports its status. Calls about one pod
 * come one at a time; the map of sandboxes is the only thing that they share.
 */
public final class PodAgent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PodAgent.class);
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final ContainerRuntime runtime;
    private final PodSync sync;
    private final HostsWriter hosts;
    private final Path logs;
    private final Runs runs;
    private final Path folder;
    private final String hostIp;
    private final InstantSource clock;
    private final Map<String, PodSandbox> sandboxes = new ConcurrentHashMap<>();

    /**
     * @param pods folder of all pods' files
     * @param logs folder of all pods' logs
     * @param wake puts a pod's uid back into the work queue
     */
    public PodAgent(
            KubernetesClient client,
            ContainerRuntime runtime,
            ClusterObjects objects,
            Events events,
            Path pods,
            Path logs,
            NodeIdentity node,
            InstantSource clock,
            Consumer<String> wake) {
        this.client = client;
        this.runtime = runtime;
        this.folder = pods;
        this.logs = logs;
        this.hostIp = node.hostIp();
        this.hosts = node.hosts();
        this.runs = new Runs(runtime, clock);
        this.clock = clock;
        var podEvents = new RecordedEvents(events);
        var prober = new ProbeRunner(runs);
        var facts = new ContainerStarter.NodeFacts(node.hostIp(), node.allocatable(), node.environment());
        var starter = new ContainerStarter(runtime, objects, prober, podEvents, facts);
        this.sync = new PodSync(runs, starter, prober, podEvents, clock, wake);
        runtime.onChange(wake);
    }

    /** What pods learn of the node. */
    public record NodeIdentity(
            String hostIp,
            HostsWriter hosts,
            Map<String, io.fabric8.kubernetes.api.model.Quantity> allocatable,
            Map<String, String> environment) {}

    /** Uids of pods that have a place on this node. */
    public List<String> known() {
        return runtime.sandboxes().stream().map(sandbox -> sandbox.podUid()).toList();
    }

    /**
     * One step for one pod.
     *
     * @param pod the pod as the API has it; null when it is gone
     */
    public Result reconcile(String uid, @Nullable Pod pod) throws InterruptedException, ContainerFailure {
        if (pod == null) {
            removeGone(uid);
            return Result.done();
        }
        var sandbox = sandboxes.get(uid);
        if (sandbox == null) {
            if (isDone(pod)) {
                return finishDone(pod);
            }
            sandbox = open(pod);
            sandboxes.put(uid, sandbox);
        }
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            terminate(pod, sandbox, null);
            return Result.done();
        }
        if (isDone(pod)) {
            return Result.done();
        }
        var deadline = PodSync.deadline(pod, sandbox);
        if (deadline.isPresent() && !clock.instant().isBefore(deadline.get())) {
            terminate(pod, sandbox, "DeadlineExceeded");
            return Result.done();
        }
        var next = sync.sync(pod, sandbox);
        report(pod, sandbox, null, false);
        return Result.again(earlier(next, deadline));
    }

    private static boolean isDone(Pod pod) {
        var phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    /** A pod that ended before this agent started: only its deletion is left to do. */
    private Result finishDone(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            delete(pod);
        }
        return Result.done();
    }

    /** Names the UID, so that a pod that has taken the name meanwhile is left alone. */
    private void delete(Pod pod) {
        var metadata = pod.getMetadata();
        var options = new DeleteOptionsBuilder()
                .withGracePeriodSeconds(0L)
                .withNewPreconditions()
                .withUid(metadata.getUid())
                .endPreconditions()
                .build();
        try {
            client.raw(
                    "/api/v1/namespaces/" + metadata.getNamespace() + "/pods/" + metadata.getName(), "DELETE", options);
        } catch (KubernetesClientException e) {
            if (e.getCode() != NOT_FOUND && e.getCode() != CONFLICT) {
                throw e;
            }
            LOG.debug("pod {} is gone already: {}", metadata.getName(), e.getMessage());
        }
    }

    private Duration earlier(Duration next, Optional<Instant> deadline) {
        var left = deadline.map(d -> Duration.between(clock.instant(), d)).filter(d -> d.compareTo(next) < 0);
        var wait = left.orElse(next);
        return wait.isPositive() ? wait : Duration.ofMillis(1);
    }

    /** Makes the pod's place, or takes over the one that an earlier agent left with its containers. */
    private PodSandbox open(Pod pod) throws ContainerFailure {
        var metadata = pod.getMetadata();
        var uid = metadata.getUid();
        var place = runtime.createSandbox(new SandboxSpec(
                uid,
                metadata.getNamespace(),
                metadata.getName(),
                PodHostname.shortName(pod),
                Boolean.TRUE.equals(pod.getSpec().getHostNetwork()),
                hostsFile(uid)));
        writeHosts(pod, place.ips().getFirst());
        var started = pod.getStatus() != null && pod.getStatus().getStartTime() != null
                ? Instant.parse(pod.getStatus().getStartTime())
                : clock.instant();
        var podLogs = LogFiles.directory(logs, metadata.getNamespace(), metadata.getName(), uid);
        var sandbox = new PodSandbox(uid, place.ips().getFirst(), folder.resolve(uid), podLogs, started);
        runtime.containers(uid).stream()
                .sorted(Comparator.comparingInt(Container::attempt))
                .forEach(container -> adopt(sandbox, container));
        return sandbox;
    }

    private Path hostsFile(String uid) {
        return folder.resolve(uid).resolve("etc-hosts");
    }

    private void writeHosts(Pod pod, String ip) throws ContainerFailure {
        try {
            hosts.write(pod, ip, hostsFile(pod.getMetadata().getUid()));
        } catch (IOException e) {
            throw new ContainerFailure("CreatePodSandboxError", "cannot write the pod's hosts file: " + e, e);
        }
    }

    /** Brings the hosts files of the pods that are on this node up to date, after the cluster's names have changed. */
    public void refreshHosts(List<Pod> pods) throws IOException {
        for (var pod : pods) {
            var sandbox = sandboxes.get(pod.getMetadata().getUid());
            if (sandbox != null && !sandbox.terminated) {
                hosts.write(pod, sandbox.ip, hostsFile(sandbox.uid));
            }
        }
    }

    private void adopt(PodSandbox sandbox, Container container) {
        var run = sandbox.run(container.name());
        if (run.state instanceof RunState.Exited ended) {
            run.last = ended;
        }
        run.attempt = container.attempt();
        run.imageId = container.imageId();
        run.containerId = runs.shownId(container.id());
        run.state = runs.state(new RunId(sandbox.uid, container.name(), container.attempt()));
    }

    private void removeGone(String uid) {
        var sandbox = sandboxes.remove(uid);
        runtime.removeSandbox(uid);
        if (sandbox != null) {
            sync.clean(sandbox);
        } else {
            sync.clean(folder.resolve(uid));
        }
    }

    private void terminate(Pod pod, PodSandbox sandbox, @Nullable String failedReason) throws InterruptedException {
        if (!sandbox.terminated) {
            report(pod, sandbox, null, true); // a pod has failed only once nothing of it runs
            sync.stopAll(pod, sandbox, PodSync.grace(pod));
            sandbox.terminated = true;
        }
        report(pod, sandbox, failedReason, true);
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            delete(pod);
        }
    }

    /** Writes the pod's status where it differs from what the API has. */
    private void report(Pod pod, PodSandbox sandbox, @Nullable String failedReason, boolean terminating) {
        var message = "DeadlineExceeded".equals(failedReason)
                ? "Pod was active on the node longer than the specified deadline"
                : null;
        var facts = new PodStatuses.Facts(
                sandbox.ip, hostIp, sandbox.startTime, sandbox.sandboxReady, terminating, failedReason, message);
        var status = PodStatuses.of(pod, new HashMap<>(sandbox.runs), facts, clock.instant());
        if (status.equals(sandbox.reported)) {
            return;
        }
        try {
            write(pod, status);
            sandbox.reported = status;
        } catch (KubernetesClientException e) {
            if (e.getCode() != NOT_FOUND && e.getCode() != CONFLICT) {
                throw e;
            }
            LOG.debug("status of {} not written: {}", pod.getMetadata().getName(), e.getMessage());
        }
    }

    private void write(Pod pod, PodStatus status) {
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(
                        io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                        client.getKubernetesSerialization()
                                .asJson(Map.of(
                                        "metadata",
                                        Map.of("uid", pod.getMetadata().getUid()),
                                        "status",
                                        status)));
    }

    /** Where the log of a container's run is: the current one, or the one before it. */
    public Path log(Pod pod, String container, boolean previous) {
        var metadata = pod.getMetadata();
        int attempt = runtime.containers(metadata.getUid()).stream()
                .filter(c -> c.name().equals(container))
                .mapToInt(Container::attempt)
                .max()
                .orElseGet(() -> restarts(pod, container));
        var folderOfLogs = LogFiles.directory(logs, metadata.getNamespace(), metadata.getName(), metadata.getUid());
        return LogFiles.file(folderOfLogs, container, previous ? attempt - 1 : attempt);
    }

    /** Runtime id of a container of the pod that runs now. */
    public Optional<String> runningContainer(Pod pod, String container) {
        return runtime.containers(pod.getMetadata().getUid()).stream()
                .filter(c -> c.name().equals(container) && c.running())
                .map(Container::id)
                .findFirst();
    }

    /** Whether a container of the pod runs now. */
    public boolean running(Pod pod, String container) {
        return runningContainer(pod, container).isPresent();
    }

    private static int restarts(Pod pod, String container) {
        return pod.getStatus() == null
                ? 0
                : Stream.concat(
                                pod.getStatus().getContainerStatuses().stream(),
                                pod.getStatus().getInitContainerStatuses().stream())
                        .filter(status -> status.getName().equals(container))
                        .mapToInt(status -> status.getRestartCount())
                        .findFirst()
                        .orElse(0);
    }

    /** Stops every container of the node, as at the end of a cluster. */
    public void stopEverything(Duration grace) throws InterruptedException {
        var deadline = clock.instant().plus(grace);
        var threads = new ArrayList<Thread>();
        for (var sandbox : runtime.sandboxes()) {
            for (var container : runtime.containers(sandbox.podUid())) {
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        runtime.stop(container.id(), () -> deadline);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
            }
        }
        for (var thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        sandboxes.values().forEach(sandbox -> sandbox.probes.values().forEach(ContainerProbes::close));
    }
}
