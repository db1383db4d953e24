package dev.sampan.node.runtime;

import java.nio.file.Path;

/**
 * What a pod's place should be.
 *
 * @param hostNetwork the pod uses the node's address
 * @param hosts the pod's {@code /etc/hosts}; the agent changes it in place while the pod runs
 */
public record SandboxSpec(
        String podUid, String namespace, String podName, String hostname, boolean hostNetwork, Path hosts) {}
