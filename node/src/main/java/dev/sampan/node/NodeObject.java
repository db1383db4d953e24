package dev.sampan.node;

import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Node object and its lease: registered at the start, renewed while the agent lives. */
final class NodeObject implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeObject.class);
    private static final Duration LEASE_EVERY = Duration.ofSeconds(10);
    private static final Duration STATUS_EVERY = Duration.ofMinutes(5);
    private static final int LEASE_SECONDS = 40;
    private static final String LEASES = "kube-node-lease";
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final NodeConfig config;
    private final String runtime;
    private final Timers timers;
    private final Map<String, Quantity> capacity;
    private Instant statusAt = Instant.EPOCH;
    private volatile boolean closed;

    NodeObject(KubernetesClient client, NodeConfig config, String runtime, Timers timers) {
        this.client = client;
        this.config = config;
        this.runtime = runtime;
        this.timers = timers;
        this.capacity = Map.of(
                "cpu", new Quantity(Integer.toString(Runtime.getRuntime().availableProcessors())),
                "memory", new Quantity(memoryKiB() + "Ki"),
                "ephemeral-storage", new Quantity(diskKiB(config.pods()) + "Ki"),
                "pods", new Quantity("110"));
    }

    Map<String, Quantity> allocatable() {
        return capacity;
    }

    private static long memoryKiB() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getTotalMemorySize() / 1024;
    }

    private static long diskKiB(Path folder) {
        try {
            Files.createDirectories(folder);
            return Files.getFileStore(folder).getTotalSpace() / 1024;
        } catch (IOException e) {
            LOG.warn("cannot tell the size of the disk of {}: {}", folder, e.toString());
            return 0;
        }
    }

    /** Registers the node; keeps what others wrote to it (labels, taints, unschedulable). */
    void start() {
        var fresh = new NodeBuilder()
                .withNewMetadata()
                .withName(config.name())
                .withLabels(labels())
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        try {
            client.nodes().resource(fresh).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
            patch(Map.of("metadata", Map.of("labels", labels())), "");
        }
        beat();
    }

    private Map<String, String> labels() {
        return Map.of(
                "kubernetes.io/hostname", config.name(),
                "kubernetes.io/os", "linux",
                "kubernetes.io/arch", architecture(),
                "beta.kubernetes.io/os", "linux",
                "beta.kubernetes.io/arch", architecture());
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            case String other -> other;
        };
    }

    private void beat() {
        if (closed) {
            return;
        }
        try {
            renewLease();
            if (Duration.between(statusAt, timers.instant()).compareTo(STATUS_EVERY) >= 0) {
                patch(Map.of("status", status()), "status");
                statusAt = timers.instant();
            }
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.warn("the node's heartbeat failed, will try again: {}", e.toString());
            }
        }
        timers.after(
                LEASE_EVERY, () -> Thread.ofVirtual().name("node-heartbeat").start(this::beat));
    }

    private void renewLease() {
        var now = ZonedDateTime.ofInstant(timers.instant().truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC);
        var lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(config.name())
                .withNamespace(LEASES)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(config.name())
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withRenewTime(now)
                .endSpec()
                .build();
        client.resource(lease).createOr(existing -> existing.patch(PatchContext.of(PatchType.JSON_MERGE)));
    }

    private void patch(Map<String, ?> content, String subresource) {
        var json = client.getKubernetesSerialization().asJson(content);
        var resource = client.nodes().withName(config.name());
        if (subresource.isEmpty()) {
            resource.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json);
        } else {
            resource.subresource(subresource).patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json);
        }
    }

    private NodeStatus status() {
        var now = timers.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        var conditions = new ArrayList<io.fabric8.kubernetes.api.model.NodeCondition>();
        for (var pressure : List.of("MemoryPressure", "DiskPressure", "PIDPressure")) {
            conditions.add(
                    condition(pressure, "False", "KubeletHasSufficient" + pressure.replace("Pressure", ""), now));
        }
        conditions.add(condition("Ready", "True", "KubeletReady", now));
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .withConditions(conditions)
                .addNewAddress(config.hostIp(), "InternalIP")
                .addNewAddress(config.name(), "Hostname")
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(config.apiPort())
                .endDaemonEndpoints()
                .withNewNodeInfo()
                .withArchitecture(architecture())
                .withOperatingSystem("linux")
                .withOsImage(System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .withKernelVersion(System.getProperty("os.version"))
                .withContainerRuntimeVersion(runtime + "://0.1.0")
                .withKubeletVersion("v1.36.0-sampan")
                .withKubeProxyVersion("")
                .withMachineID(config.name())
                .withSystemUUID(config.name())
                .withBootID(Long.toString(ProcessHandle.current().pid()))
                .endNodeInfo()
                .build();
    }

    private static io.fabric8.kubernetes.api.model.NodeCondition condition(
            String type, String status, String reason, String now) {
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(
                        type.equals("Ready") ? "the node agent is posting ready status" : "the node has no " + type)
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
    }

    @Override
    public void close() {
        closed = true;
    }
}
