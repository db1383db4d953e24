package dev.sampan.controllers.job;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a job waits before it replaces a failed pod: 10 s, doubled with each failure since the last success, at most
 * ten minutes.
 */
record Backoff(int failures, Instant last) {

    static final Backoff NONE = new Backoff(0, Instant.EPOCH);
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration MAX = Duration.ofMinutes(10);

    Backoff failed(Instant at) {
        return new Backoff(failures + 1, at.isAfter(last) ? at : last);
    }

    Backoff succeeded() {
        return NONE;
    }

    /** Zero or negative when a pod may be created now. */
    Duration remaining(Instant now) {
        if (failures == 0) {
            return Duration.ZERO;
        }
        var delay = failures > 10 ? MAX : FIRST.multipliedBy(1L << (failures - 1));
        return Duration.between(now, last.plus(delay.compareTo(MAX) > 0 ? MAX : delay));
    }
}
