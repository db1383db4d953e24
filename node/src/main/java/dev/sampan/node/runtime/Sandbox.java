package dev.sampan.node.runtime;

import java.time.Instant;
import java.util.List;

/**
 * A pod's place.
 *
 * @param ips the pod's addresses, the primary one first
 */
public record Sandbox(String podUid, String namespace, String podName, List<String> ips, Instant created) {}
