package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.apiserver.kinds.ServiceAddresses.Taken;
import dev.sampan.schema.FieldError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Fills a Service's addresses and node ports in, from its own wishes, its former state and what is free. */
final class ServiceAllocation {

    private static final String NONE = "None";

    private final ServiceAddresses addresses;

    ServiceAllocation(ServiceAddresses addresses) {
        this.addresses = addresses;
    }

    /**
     * Reserves what a Service needs.
     *
     * @param old the stored state, null on create
     * @throws ApiException 422 when an address or a port that was asked for cannot be had
     */
    void allocate(ObjectNode service, @Nullable ObjectNode old, RequestContext context) {
        var spec = Defaults.object(service, "spec");
        var owner = Meta.uid(service);
        try {
            clusterIp(service, spec, owner, old);
            nodePorts(service, spec, owner);
        } catch (ApiException e) {
            addresses.releaseAllBut(service, old);
            throw e;
        }
        if (context.dryRun()) {
            addresses.releaseAllBut(service, old);
        }
    }

    /** Gives back what {@link #allocate} reserved for a write that failed. */
    void rollBack(ObjectNode service, @Nullable ObjectNode old) {
        addresses.releaseAllBut(service, old);
    }

    void release(ObjectNode service) {
        addresses.releaseAllBut(service, null);
    }

    private void clusterIp(ObjectNode service, ObjectNode spec, String owner, @Nullable ObjectNode old) {
        if (Meta.text(spec, "type").equals("ExternalName")) {
            if (old != null && !Meta.text(old, "spec", "type").equals("ExternalName")) {
                // Values that came with the old type go with it, unless the client set new ones for validation to
                // refuse.
                dropUnchanged(spec, old, "clusterIP");
                dropUnchanged(spec, old, "clusterIPs");
                dropUnchanged(spec, old, "ipFamilies");
                dropUnchanged(spec, old, "ipFamilyPolicy");
            }
            return;
        }
        var wanted = Meta.text(spec, "clusterIP");
        if (wanted.isEmpty()) {
            wanted = spec.path("clusterIPs").path(0).stringValue("");
        }
        families(spec, wanted.equals(NONE));
        if (wanted.equals(NONE)) {
            setClusterIp(spec, NONE);
            return;
        }
        try {
            if (wanted.isEmpty()) {
                setClusterIp(spec, addresses.reserveAnyAddress(owner));
            } else if (old == null || !Meta.text(old, "spec", "clusterIP").equals(wanted)) {
                if (Addresses.isV4(wanted)) {
                    addresses.reserveAddress(wanted, owner);
                }
                setClusterIp(spec, wanted);
            } else {
                setClusterIp(spec, wanted);
            }
        } catch (Taken e) {
            var shown = JsonNodeFactory.instance.arrayNode().add(wanted);
            throw refused(service, FieldError.invalid("spec.clusterIPs", shown, String.valueOf(e.getMessage())));
        }
    }

    private static void dropUnchanged(ObjectNode spec, ObjectNode old, String name) {
        if (spec.path(name).equals(old.path("spec").path(name))) {
            spec.remove(name);
        }
    }

    private static void setClusterIp(ObjectNode spec, String address) {
        spec.put("clusterIP", address);
        if (spec.path("clusterIPs").isEmpty()) {
            spec.putArray("clusterIPs").add(address);
        }
    }

    private static void families(ObjectNode spec, boolean headless) {
        var selectorless = spec.path("selector").isEmpty();
        // Nobody but the user makes a selectorless headless Service's endpoints, and they may be of both families.
        if (headless && selectorless) {
            if (spec.path("ipFamilies").isEmpty()) {
                spec.putArray("ipFamilies").add("IPv4").add("IPv6");
            }
            Defaults.text(spec, "ipFamilyPolicy", "RequireDualStack");
            return;
        }
        if (spec.path("ipFamilies").isEmpty()) {
            spec.putArray("ipFamilies").add("IPv4");
        }
        Defaults.text(spec, "ipFamilyPolicy", "SingleStack");
    }

    private void nodePorts(ObjectNode service, ObjectNode spec, String owner) {
        var type = Meta.text(spec, "type");
        var wanted = type.equals("NodePort")
                || (type.equals("LoadBalancer")
                        && spec.path("allocateLoadBalancerNodePorts").booleanValue(true));
        if (!wanted && !type.equals("LoadBalancer")) {
            return;
        }
        // One port number may serve TCP and UDP of the same Service port.
        Map<Integer, Integer> byPort = new HashMap<>();
        var ports = spec.path("ports");
        for (int i = 0; i < ports.size(); i++) {
            if (ports.path(i) instanceof ObjectNode port) {
                nodePort(service, port, "spec.ports[" + i + "].nodePort", owner, wanted, byPort);
            }
        }
    }

    private void nodePort(
            ObjectNode service,
            ObjectNode port,
            String path,
            String owner,
            boolean wanted,
            Map<Integer, Integer> byPort) {
        int asked = (int) port.path("nodePort").longValue(0);
        int number = (int) port.path("port").longValue(0);
        try {
            if (asked != 0) {
                addresses.reservePort(asked, owner);
                byPort.putIfAbsent(number, asked);
            } else if (wanted) {
                var shared = byPort.get(number);
                int got = shared != null ? shared : addresses.reserveAnyPort(owner);
                byPort.putIfAbsent(number, got);
                port.put("nodePort", got);
            }
        } catch (Taken e) {
            throw refused(service, FieldError.invalid(path, asked, String.valueOf(e.getMessage())));
        }
    }

    private static ApiException refused(JsonNode service, FieldError error) {
        return ApiException.invalid(new GroupKind("", "Service"), Meta.name(service), List.of(error));
    }
}
