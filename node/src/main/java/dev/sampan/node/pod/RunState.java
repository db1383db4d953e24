package dev.sampan.node.pod;

import java.time.Instant;

/** Where one run of a container is in its life. */
sealed interface RunState {

    record Running(Instant startedAt) implements RunState {}

    /**
     * @param exitCode as a shell reports it: 128 + n when signal n ended it
     * @param reason such as {@code Completed}, {@code Error} or {@code OOMKilled}
     */
    record Exited(int exitCode, String reason, String message, Instant startedAt, Instant finishedAt)
            implements RunState {}

    /** Never started, or forgotten. */
    record Absent() implements RunState {}
}
