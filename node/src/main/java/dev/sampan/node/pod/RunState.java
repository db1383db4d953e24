package dev.sampan.node.pod;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where one run of a container is in its life. */
sealed interface RunState {

    record Running(Instant startedAt) implements RunState {}

    /**
     * @param exitCode as a shell reports it: 128 + n when signal n ended it
     * @param reason such as {@code Completed}, {@code Error} or {@code OOMKilled}
     * @param message its last words or why it could not start; empty when there are none
     * @param startedAt the epoch when it could not start
     * @param containerId as statuses show it, {@code process://…}
     */
    record Exited(
            int exitCode, String reason, String message, Instant startedAt, Instant finishedAt, String containerId)
            implements RunState {

        /** The same end with the words that the container left, if it left any. */
        Exited saying(@Nullable String words) {
            return words == null ? this : new Exited(exitCode, reason, words, startedAt, finishedAt, containerId);
        }

        /** How long it ran; nothing when it could not start. */
        Duration ran() {
            return startedAt.equals(Instant.EPOCH) ? Duration.ZERO : Duration.between(startedAt, finishedAt);
        }
    }

    /** Never started, or forgotten. */
    record Absent() implements RunState {}
}
