package dev.sampan.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the cluster's name server behaves.
 *
 * @param address where it listens, by UDP and TCP; port 0 for any that is free
 * @param domain the cluster's domain
 * @param elsewhere name servers for all other names; empty refuses them
 */
public record ClusterDnsConfig(InetSocketAddress address, String domain, List<InetSocketAddress> elsewhere) {

    private static final int DNS_PORT = 53;

    /** On loopback, without other name servers. */
    public static ClusterDnsConfig loopback(int port) {
        return new ClusterDnsConfig(new InetSocketAddress("127.0.0.1", port), "cluster.local", List.of());
    }

    public ClusterDnsConfig withElsewhere(List<InetSocketAddress> servers) {
        return new ClusterDnsConfig(address, domain, servers);
    }

    /** The name servers of a file such as {@code /etc/resolv.conf}; none when it does not exist. */
    public static List<InetSocketAddress> nameServers(Path resolvConf) {
        List<InetSocketAddress> servers = new ArrayList<>();
        try {
            for (String line : Files.exists(resolvConf) ? Files.readAllLines(resolvConf) : List.<String>of()) {
                String[] words = line.trim().split("\\s+");
                if (words.length >= 2 && words[0].equals("nameserver")) {
                    servers.add(new InetSocketAddress(InetAddress.ofLiteral(words[1]), DNS_PORT));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return servers;
    }
}
