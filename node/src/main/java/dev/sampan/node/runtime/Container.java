package dev.sampan.node.runtime;

import java.time.Instant;

/**
 * One attempt to run a container of a pod.
 *
 * @param id unique on the node
 * @param image the name that was asked for
 * @param imageId the content it was resolved to
 */
public record Container(
        String id,
        String podUid,
        String name,
        int attempt,
        String image,
        String imageId,
        Instant created,
        State state) {

    /** Where a container is in its life. */
    public sealed interface State {}

    public record Created() implements State {}

    public record Running(Instant started) implements State {}

    /**
     * @param reason {@code Completed}, {@code Error}, {@code OOMKilled}, {@code StartError} or {@code ContainerStatusUnknown}
     * @param message why, when the runtime knows; else empty
     */
    public record Exited(Instant started, Instant finished, int exitCode, String reason, String message)
            implements State {}

    public boolean running() {
        return state instanceof Running;
    }
}
