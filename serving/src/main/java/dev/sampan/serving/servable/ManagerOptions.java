package dev.sampan.serving.servable;

import java.time.Duration;

/**
 * How versions are loaded.
 *
 * @param policy order of loads and unloads
 * @param maxLoadRetries tries after the first failed one
 * @param loadRetryInterval time between them
 * @param labelsForUnavailableVersions whether a new label may name a version that is not available yet
 */
public record ManagerOptions(
        TransitionPolicy policy, int maxLoadRetries, Duration loadRetryInterval, boolean labelsForUnavailableVersions) {

    /** TensorFlow Serving's defaults. */
    public static final ManagerOptions DEFAULT =
            new ManagerOptions(TransitionPolicy.AVAILABILITY_PRESERVING, 5, Duration.ofSeconds(60), false);
}
