package dev.sampan.network;

import java.util.List;

/**
 * How the service proxy behaves.
 *
 * @param nodeName this node, for traffic policies that keep to it
 * @param nodePortAddresses where NodePorts listen
 * @param threads event loops that carry the connections
 */
public record ServiceProxyConfig(String nodeName, List<String> nodePortAddresses, int threads) {

    /** NodePorts on loopback only, two event loops. */
    public static ServiceProxyConfig loopback(String nodeName) {
        return new ServiceProxyConfig(nodeName, List.of("127.0.0.1"), 2);
    }
}
