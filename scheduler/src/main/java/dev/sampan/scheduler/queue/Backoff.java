package dev.sampan.scheduler.queue;

import java.time.Duration;

/** How long a pod rests after an attempt: the first pause, doubled with each further attempt, up to the longest. */
public record Backoff(Duration first, Duration longest) {

    /** Upstream's: 1 s to 10 s. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    Duration after(int attempts) {
        Duration pause = first;
        for (int i = 1; i < attempts && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(longest) > 0 ? longest : pause;
    }
}
