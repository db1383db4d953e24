package dev.sampan.node;

import java.nio.file.Path;
import java.util.Map;

/**
 * How a node is set up.
 *
 * @param name of the Node object
 * @param pods folder of all pods' files
 * @param logs folder of all pods' logs
 * @param hostIp the node's address
 * @param apiPort port of the node's own HTTPS API
 * @param environment variables for every container: where the API server is, as {@code KUBERNETES_SERVICE_HOST} and {@code _PORT}
 * @param clusterDomain such as {@code cluster.local}
 */
public record NodeConfig(
        String name,
        Path pods,
        Path logs,
        String hostIp,
        int apiPort,
        Map<String, String> environment,
        String clusterDomain) {}
