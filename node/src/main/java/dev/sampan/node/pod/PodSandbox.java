package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the agent keeps for one pod while it is on this node. Owned by whoever holds the pod's key in the work queue. */
final class PodSandbox {
    final String uid;
    final String ip;
    final Path folder;
    final Instant startTime;
    final Map<String, ContainerRun> runs = new ConcurrentHashMap<>();
    final Map<String, ContainerProbes> probes = new ConcurrentHashMap<>();
    boolean sandboxReady;
    boolean terminated;

    @Nullable
    PodStatus reported;

    PodSandbox(String uid, String ip, Path folder, Instant startTime) {
        this.uid = uid;
        this.ip = ip;
        this.folder = folder;
        this.startTime = startTime;
    }

    ContainerRun run(String container) {
        return runs.computeIfAbsent(container, name -> new ContainerRun(uid));
    }
}
