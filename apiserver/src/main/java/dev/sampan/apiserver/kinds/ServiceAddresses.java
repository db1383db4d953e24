package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Hands out cluster IPs and node ports to Services, each to one at a time, also where several servers share a store: what is taken
 * is written down there before the Service is. {@link ServiceRepair} finds what a server that died in between left behind. Immutable.
 */
public final class ServiceAddresses {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceAddresses.class);

    private final ClusterIps addresses;
    private final NodePorts ports;

    /**
     * @param cidr IPv4 range such as {@code 127.96.0.0/16}; its first and last address are never used
     * @param ports first and last node port, such as {@code 30000-32767}
     */
    public ServiceAddresses(String cidr, String ports, RandomGenerator random) {
        this.addresses = new ClusterIps(AddressBlock.of(cidr), random);
        this.ports = new NodePorts(ports, random);
    }

    /** The address that {@code kubernetes.default} has in a range. */
    public static String first(String cidr) {
        return AddressBlock.text(AddressBlock.of(cidr).first());
    }

    /** The address that {@code kubernetes.default} has. */
    public String first() {
        return addresses.first();
    }

    ClusterIps addresses() {
        return addresses;
    }

    NodePorts ports() {
        return ports;
    }

    /** Gives back what {@code before} has and {@code after} has not; what the store refuses is left to the repair. */
    void releaseAllBut(JsonNode before, @Nullable JsonNode after, Objects objects) {
        var service = ServiceName.of(before);
        var keptAddresses = ServiceName.addressesOf(after);
        var keptPorts = ServiceName.portsOf(after);
        try {
            for (var address : ServiceName.addressesOf(before)) {
                if (!keptAddresses.contains(address)) {
                    addresses.giveBack(address, service, objects);
                }
            }
            for (int port : ServiceName.portsOf(before)) {
                if (!keptPorts.contains(port)) {
                    NodePorts.giveBack(port, service, objects);
                }
            }
        } catch (ApiException e) {
            LOG.warn(
                    "What the Service {} had could not be given back, a later check will: {}", service, e.getMessage());
        }
    }
}
