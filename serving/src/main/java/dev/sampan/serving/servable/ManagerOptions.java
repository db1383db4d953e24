package dev.sampan.serving.servable;

import java.time.Duration;

/**
 * How versions are loaded.
 *
 * @param policy order of loads and unloads
 * @param maxLoadRetries tries after the first failed one
 * @param loadRetryInterval time between them
 * @param labelsForUnavailableVersions whether a new label may name a version that is not available yet
 * @param memoryLimitBytes what all models together may take; what was used longest ago leaves memory when others need it, and
 *     comes back when it is asked for. 0 for no limit
 */
public record ManagerOptions(
        TransitionPolicy policy,
        int maxLoadRetries,
        Duration loadRetryInterval,
        boolean labelsForUnavailableVersions,
        long memoryLimitBytes) {

    /** TensorFlow Serving's defaults. */
    public static final ManagerOptions DEFAULT =
            new ManagerOptions(TransitionPolicy.AVAILABILITY_PRESERVING, 5, Duration.ofSeconds(60), false, 0);

    /** The same with a limit of memory. */
    public ManagerOptions withMemoryLimit(long bytes) {
        return new ManagerOptions(policy, maxLoadRetries, loadRetryInterval, labelsForUnavailableVersions, bytes);
    }
}
