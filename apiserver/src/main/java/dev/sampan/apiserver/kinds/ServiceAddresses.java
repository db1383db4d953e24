package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Hands out cluster IPs and node ports to Services, each to one at a time. Addresses are reserved by the Service's uid
 * while it is being written; which ones stay taken follows from the Services that exist, so that a restart, a failed write
 * or a lost release never leaks one. Safe for use by many threads.
 */
public final class ServiceAddresses implements AutoCloseable {

    static final GroupResource SERVICES = new GroupResource("", "services");

    private final long firstAddress;
    private final long lastAddress;
    private final String cidr;
    private final int firstPort;
    private final int lastPort;
    private final RandomGenerator random;
    private final Map<String, String> ownerOfAddress = new ConcurrentHashMap<>();
    private final Map<Integer, String> ownerOfPort = new ConcurrentHashMap<>();
    private volatile @Nullable AutoCloseable follower;

    /**
     * @param cidr IPv4 range such as {@code 127.96.0.0/16}; its first and last address are never used
     * @param ports first and last node port, such as {@code 30000-32767}
     */
    public ServiceAddresses(String cidr, String ports, RandomGenerator random) {
        this.cidr = cidr;
        this.firstAddress = base(cidr) + 1;
        this.lastAddress = base(cidr) + size(cidr) - 2;
        int dash = ports.indexOf('-');
        this.firstPort = Integer.parseInt(ports.substring(0, dash));
        this.lastPort = Integer.parseInt(ports.substring(dash + 1));
        this.random = random;
    }

    /** Learns what the existing Services hold, and from then on what changes. Called once, before the first request. */
    public void start(Objects objects) {
        follower = objects.follow(SERVICES, (before, after) -> {
            if (after != null) {
                hold(after);
            }
            if (before != null) {
                releaseAllBut(before, after);
            }
        });
    }

    /** Why an address or a port could not be had, in Kubernetes' words. */
    static final class Taken extends Exception {
        private static final long serialVersionUID = 1L;

        Taken(String message) {
            super(message, null, false, false);
        }
    }

    private static long size(String cidr) {
        return 1L << (32 - Integer.parseInt(cidr.substring(cidr.indexOf('/') + 1)));
    }

    private static long base(String cidr) {
        return toNumber(cidr.substring(0, cidr.indexOf('/'))) & -size(cidr);
    }

    /** The address that {@code kubernetes.default} has in a range. */
    public static String first(String cidr) {
        return toText(base(cidr) + 1);
    }

    /** The address that {@code kubernetes.default} has. */
    public String first() {
        return toText(firstAddress);
    }

    boolean contains(String address) {
        var number = toNumber(address);
        return number >= firstAddress && number <= lastAddress;
    }

    void reserveAddress(String address, String owner) throws Taken {
        if (!contains(address)) {
            throw new Taken(
                    "failed to allocate IP %s: the provided IP (%s) is not in the valid range. The range of valid IPs is %s"
                            .formatted(address, address, cidr));
        }
        var holder = ownerOfAddress.putIfAbsent(address, owner);
        if (holder != null && !holder.equals(owner)) {
            throw new Taken("failed to allocate IP %s: provided IP is already allocated".formatted(address));
        }
    }

    /** Any free address; the lower part of the range is left to those who ask for one (KEP-3070). */
    String reserveAnyAddress(String owner) throws Taken {
        long band = Math.min(Math.max(16, (lastAddress - firstAddress + 1) / 16), 256);
        long from = Math.min(firstAddress + band, lastAddress);
        for (long start : new long[] {from, firstAddress}) {
            long size = lastAddress - start + 1;
            long offset = random.nextLong(size);
            for (long i = 0; i < size; i++) {
                var address = toText(start + (offset + i) % size);
                if (ownerOfAddress.putIfAbsent(address, owner) == null) {
                    return address;
                }
            }
        }
        throw new Taken("failed to allocate a serviceIP: range is full");
    }

    void reservePort(int port, String owner) throws Taken {
        if (port < firstPort || port > lastPort) {
            throw new Taken("provided port is not in the valid range. The range of valid ports is %d-%d"
                    .formatted(firstPort, lastPort));
        }
        var holder = ownerOfPort.putIfAbsent(port, owner);
        if (holder != null && !holder.equals(owner)) {
            throw new Taken("provided port is already allocated");
        }
    }

    int reserveAnyPort(String owner) throws Taken {
        int size = lastPort - firstPort + 1;
        int offset = random.nextInt(size);
        for (int i = 0; i < size; i++) {
            int port = firstPort + (offset + i) % size;
            if (ownerOfPort.putIfAbsent(port, owner) == null) {
                return port;
            }
        }
        throw new Taken("failed to allocate a nodePort: range is full");
    }

    private void hold(ObjectNode service) {
        var owner = Meta.uid(service);
        service.path("spec").path("clusterIPs").forEach(ip -> {
            if (contains(ip.stringValue(""))) {
                ownerOfAddress.put(ip.stringValue(""), owner);
            }
        });
        portsOf(service).forEach(port -> ownerOfPort.put(port, owner));
    }

    /** Gives back what {@code before} had and {@code after} has not. */
    void releaseAllBut(ObjectNode before, @Nullable ObjectNode after) {
        var owner = Meta.uid(before);
        for (var ip : before.path("spec").path("clusterIPs")) {
            var kept = after != null && has(after.path("spec").path("clusterIPs"), ip);
            if (!kept) {
                ownerOfAddress.remove(ip.stringValue(""), owner);
            }
        }
        var keptPorts = after == null ? java.util.Set.<Integer>of() : portsOf(after);
        for (var port : portsOf(before)) {
            if (!keptPorts.contains(port)) {
                ownerOfPort.remove(port, owner);
            }
        }
    }

    private static boolean has(tools.jackson.databind.JsonNode list, tools.jackson.databind.JsonNode value) {
        for (var item : list) {
            if (item.equals(value)) {
                return true;
            }
        }
        return false;
    }

    static java.util.Set<Integer> portsOf(ObjectNode service) {
        var result = new java.util.LinkedHashSet<Integer>();
        for (var port : service.path("spec").path("ports")) {
            int number = (int) port.path("nodePort").longValue(0);
            if (number != 0) {
                result.add(number);
            }
        }
        int health = (int) service.path("spec").path("healthCheckNodePort").longValue(0);
        if (health != 0) {
            result.add(health);
        }
        return result;
    }

    static long toNumber(String address) {
        if (!Addresses.isV4(address)) {
            return -1;
        }
        long number = 0;
        for (var part : address.split("\\.")) {
            number = number << 8 | Integer.parseInt(part);
        }
        return number;
    }

    private static String toText(long number) {
        return (number >> 24 & 255) + "." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
    }

    @Override
    public void close() throws Exception {
        var following = follower;
        if (following != null) {
            following.close();
        }
    }
}
