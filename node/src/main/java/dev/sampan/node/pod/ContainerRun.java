package dev.sampan.node.pod;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the agent knows about one container of one pod. Owned by the pod's worker.
 *
 * <p>{@code state} is the current run, {@code last} the one before it; {@code waiting} is set while none runs because something is in the
 * way.
 */
final class ContainerRun {
    final String podUid;
    int attempt = -1;
    RunState state = new RunState.Absent();
    RunState.@Nullable Exited last;

    @Nullable
    Waiting waiting;

    @Nullable
    Instant retryAt;

    int quickFailures;
    int pullFailures;
    boolean started;
    boolean ready;

    @Nullable
    String imageId;

    @Nullable
    String lastMessage;

    @Nullable
    String containerId;

    ContainerRun() {
        this("");
    }

    ContainerRun(String podUid) {
        this.podUid = podUid;
    }

    /** @param reason such as {@code CrashLoopBackOff} */
    record Waiting(String reason, @Nullable String message) {}

    boolean running() {
        return state instanceof RunState.Running;
    }

    boolean succeeded() {
        return state instanceof RunState.Exited exited && exited.exitCode() == 0;
    }

    boolean ended() {
        return state instanceof RunState.Exited;
    }

    int restartCount() {
        return Math.max(0, attempt);
    }
}
