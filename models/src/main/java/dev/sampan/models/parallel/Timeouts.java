package dev.sampan.models.parallel;

import java.time.Duration;

/**
 * How long to wait for others.
 *
 * @param join for all workers to come
 * @param step for a worker's part of one step
 */
public record Timeouts(Duration join, Duration step) {
    public static final Timeouts DEFAULT = new Timeouts(Duration.ofMinutes(5), Duration.ofMinutes(2));
}
