package dev.sampan.network.endpoints;

import java.net.InetSocketAddress;

/**
 * One address behind a service port.
 *
 * @param address where to connect
 * @param node the node it is on, empty when not known
 * @param ready takes new connections
 * @param serving could take connections, also while it terminates
 * @param terminating its pod is being deleted
 */
public record Endpoint(InetSocketAddress address, String node, boolean ready, boolean serving, boolean terminating) {}
