package dev.sampan.node.pod;

import dev.sampan.client.Events;
import dev.sampan.client.Result;
import dev.sampan.node.image.Images;
import dev.sampan.node.runtime.ContainerId;
import dev.sampan.node.runtime.ContainerRuntime;
import dev.sampan.node.runtime.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
    private final Addresses addresses;
    private final Path folder;
    private final String hostIp;
    private final InstantSource clock;
    private final Map<String, PodSandbox> sandboxes = new ConcurrentHashMap<>();
    private final Map<String, List<ContainerId>> leftovers = new ConcurrentHashMap<>();

    /** Where pods get their addresses. */
    public interface Addresses {
        String take(Pod pod);

        void free(String podUid);
    }

    /**
     * @param pods folder of all pods' files
     * @param wake puts a pod's uid back into the work queue
     */
    public PodAgent(
            KubernetesClient client,
            ContainerRuntime runtime,
            Images images,
            ClusterObjects objects,
            Addresses addresses,
            Events events,
            Path pods,
            NodeIdentity node,
            InstantSource clock,
            Consumer<String> wake) {
        this.client = client;
        this.runtime = runtime;
        this.addresses = addresses;
        this.folder = pods;
        this.hostIp = node.hostIp();
        this.clock = clock;
        var podEvents = new RecordedEvents(events);
        var prober = new ProbeRunner(runtime);
        var facts =
                new ContainerStarter.NodeFacts(node.hostIp(), node.hostsFile(), node.allocatable(), node.environment());
        var starter = new ContainerStarter(runtime, images, objects, prober, podEvents, facts);
        this.sync = new PodSync(runtime, starter, prober, podEvents, clock, wake);
        runtime.onExit(id -> wake.accept(id.podUid()));
    }

    /** What pods learn of the node. */
    public record NodeIdentity(
            String hostIp,
            Path hostsFile,
            Map<String, io.fabric8.kubernetes.api.model.Quantity> allocatable,
            Map<String, String> environment) {}

    /** Takes over the containers that an earlier agent left running. */
    public void adopt() throws java.io.IOException {
        for (var id : runtime.list()) {
            leftovers.computeIfAbsent(id.podUid(), uid -> new ArrayList<>()).add(id);
        }
    }

    /** Uids of pods whose containers or files are on this node. */
    public List<String> known() {
        var uids = new ArrayList<>(sandboxes.keySet());
        uids.addAll(leftovers.keySet());
        return uids;
    }

    /**
     * One step for one pod.
     *
     * @param pod the pod as the API has it; null when it is gone
     */
    public Result reconcile(String uid, @Nullable Pod pod) throws InterruptedException {
        if (pod == null) {
            removeGone(uid);
            return Result.done();
        }
        var sandbox = sandboxes.computeIfAbsent(uid, key -> open(pod));
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            terminate(pod, sandbox, null);
            return Result.done();
        }
        var phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        if ("Succeeded".equals(phase) || "Failed".equals(phase)) {
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

    private Duration earlier(Duration next, Optional<Instant> deadline) {
        var left = deadline.map(d -> Duration.between(clock.instant(), d)).filter(d -> d.compareTo(next) < 0);
        var wait = left.orElse(next);
        return wait.isPositive() ? wait : Duration.ofMillis(1);
    }

    private PodSandbox open(Pod pod) {
        var uid = pod.getMetadata().getUid();
        var started = pod.getStatus() != null && pod.getStatus().getStartTime() != null
                ? Instant.parse(pod.getStatus().getStartTime())
                : clock.instant();
        var sandbox = new PodSandbox(uid, addresses.take(pod), folder.resolve(uid), started);
        for (var id : leftovers.getOrDefault(uid, List.of())) {
            var run = sandbox.run(id.container());
            if (id.attempt() > run.attempt) {
                if (run.state instanceof ContainerState.Exited ended) {
                    run.last = ended;
                }
                run.attempt = id.attempt();
                run.state = runtime.state(id);
            }
        }
        leftovers.remove(uid);
        restoreImageIds(pod, sandbox);
        return sandbox;
    }

    private static void restoreImageIds(Pod pod, PodSandbox sandbox) {
        if (pod.getStatus() != null) {
            var statuses = new ArrayList<>(pod.getStatus().getContainerStatuses());
            statuses.addAll(pod.getStatus().getInitContainerStatuses());
            for (var status : statuses) {
                sandbox.run(status.getName()).imageId = status.getImageID();
            }
        }
    }

    private void removeGone(String uid) throws InterruptedException {
        var sandbox = sandboxes.remove(uid);
        for (var id : leftovers.getOrDefault(uid, List.of())) {
            runtime.stop(id, Duration.ofSeconds(2));
        }
        leftovers.remove(uid);
        if (sandbox == null) {
            sandbox = new PodSandbox(uid, "", folder.resolve(uid), clock.instant());
        }
        for (var run : sandbox.runs.entrySet()) {
            if (run.getValue().running()) {
                runtime.stop(new ContainerId(uid, run.getKey(), run.getValue().attempt), Duration.ofSeconds(2));
            }
        }
        addresses.free(uid);
        sync.clean(sandbox);
    }

    private void terminate(Pod pod, PodSandbox sandbox, @Nullable String failedReason) throws InterruptedException {
        if (!sandbox.terminated) {
            report(pod, sandbox, failedReason, true);
            sync.stopAll(pod, sandbox, PodSync.grace(pod));
            sandbox.terminated = true;
        }
        report(pod, sandbox, failedReason, true);
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .withGracePeriod(0)
                    .delete();
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

    /** Stops every container of the node, as at the end of a cluster. */
    public void stopEverything(Duration grace) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (var sandbox : sandboxes.values()) {
            sandbox.probes.values().forEach(ContainerProbes::close);
            sandbox.runs.forEach((name, run) -> threads.add(Thread.ofVirtual().start(() -> {
                try {
                    runtime.stop(new ContainerId(sandbox.uid, name, Math.max(0, run.attempt)), grace);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            })));
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
