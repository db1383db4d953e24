package dev.sampan.node.pod;

import java.time.Duration;

/** Kubelet's restart back-off: at once the first time, then 10 s, doubled each time up to 5 minutes; a run of 10 minutes resets it. */
final class Backoff {

    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);
    static final Duration RESET_AFTER = Duration.ofMinutes(10);

    private Backoff() {}

    /** How long to wait after the end of a run before the next, given how many restarts in a row there were before. */
    static Duration delay(int restarts) {
        if (restarts <= 0) {
            return Duration.ZERO;
        }
        var delay = FIRST.multipliedBy(1L << Math.min(restarts - 1, 10));
        return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    }
}
