package dev.sampan.scheduler;

import dev.sampan.scheduler.queue.Backoff;
import java.time.Duration;

/**
 * How the scheduler behaves.
 *
 * @param schedulerName pods with this {@code spec.schedulerName} are ours
 * @param percentageOfNodesToScore 1 to 100; 0 adapts to the size of the cluster
 * @param backoff rest between attempts for one pod
 * @param longestUnschedulable a pod that waits for an event is tried again after this time without one
 * @param assumedPodExpiry how long after its binding a pod may be missing in the watch before it is forgotten
 * @param volumeTimeout how long a reserved pod waits for its volumes
 * @param bindersAtOnce how many bindings and status updates may be under way at a time
 * @param seed of the randomness that breaks ties between nodes
 */
public record SchedulerConfig(
        String schedulerName,
        int percentageOfNodesToScore,
        Backoff backoff,
        Duration longestUnschedulable,
        Duration assumedPodExpiry,
        Duration volumeTimeout,
        int bindersAtOnce,
        long seed) {

    /** Kubernetes' defaults. */
    public static SchedulerConfig defaults() {
        return new SchedulerConfig(
                "default-scheduler",
                0,
                Backoff.DEFAULT,
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                64,
                System.nanoTime());
    }

    public SchedulerConfig withSeed(long newSeed) {
        return new SchedulerConfig(
                schedulerName,
                percentageOfNodesToScore,
                backoff,
                longestUnschedulable,
                assumedPodExpiry,
                volumeTimeout,
                bindersAtOnce,
                newSeed);
    }
}
