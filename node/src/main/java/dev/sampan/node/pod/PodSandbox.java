package dev.sampan.node.pod;

import dev.sampan.node.logs.LogFiles;
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
    final Path logs;
    final Instant startTime;
    final Map<String, ContainerRun> runs = new ConcurrentHashMap<>();
    final Map<String, ContainerProbes> probes = new ConcurrentHashMap<>();
    boolean sandboxReady;
    boolean terminated;

    @Nullable
    PodStatus reported;

    PodSandbox(String uid, String ip, Path folder, Path logs, Instant startTime) {
        this.uid = uid;
        this.ip = ip;
        this.folder = folder;
        this.logs = logs;
        this.startTime = startTime;
    }

    /** Where the output of one run of a container goes. */
    Path log(String container, int attempt) {
        return LogFiles.file(logs, container, attempt);
    }

    ContainerRun run(String container) {
        return runs.computeIfAbsent(container, name -> new ContainerRun(uid));
    }
}
