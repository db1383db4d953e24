package dev.sampan.controllers;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How the controllers are set up.
 *
 * @param caCertificate the cluster's CA certificates as PEM, published in every namespace
 * @param volumesDirectory where directories for dynamically provisioned volumes are made
 * @param workers keys that each controller reconciles at the same time
 * @param nodeGracePeriod how long a node may be silent before it counts as lost
 */
public record ControllersConfig(String caCertificate, Path volumesDirectory, int workers, Duration nodeGracePeriod) {

    /** Five workers, 40 seconds of grace for nodes. */
    public static ControllersConfig defaults(String caCertificate, Path volumesDirectory) {
        return new ControllersConfig(caCertificate, volumesDirectory, 5, Duration.ofSeconds(40));
    }
}
