package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Fills one Service's addresses and node ports in, from its own wishes, its former state and what is free. */
final class ServiceAllocation {

    private static final String NONE = "None";

    private final ServiceAddresses free;
    private final ObjectNode service;
    private final ObjectNode spec;
    private final @Nullable ObjectNode old;
    private final RequestContext context;
    private final ServiceName name;
    private final Set<String> takenAddresses = new HashSet<>();
    private final Set<Integer> ports = new HashSet<>(); // taken here, or before
    private final Set<Integer> takenPorts = new HashSet<>();

    /** @param old the stored state, null on create */
    ServiceAllocation(ServiceAddresses free, ObjectNode service, @Nullable ObjectNode old, RequestContext context) {
        this.free = free;
        this.service = service;
        this.spec = Defaults.object(service, "spec");
        this.old = old;
        this.context = context;
        this.name = ServiceName.of(service);
        this.ports.addAll(ServiceName.portsOf(old));
    }

    /**
     * Reserves what the Service needs; for a dry run only looks what could be had.
     *
     * @throws ApiException 422 when an address or a port that was asked for cannot be had; nothing is reserved then
     */
    void allocate() {
        try {
            clusterIp();
            nodePorts();
        } catch (RuntimeException e) {
            undo();
            throw e;
        }
    }

    private void undo() {
        if (!context.dryRun()) {
            var taken = JsonNodeFactory.instance.objectNode();
            taken.set("metadata", service.path("metadata"));
            var had = taken.putObject("spec");
            takenAddresses.forEach(had.putArray("clusterIPs")::add);
            var list = had.putArray("ports");
            takenPorts.forEach(port -> list.addObject().put("nodePort", port));
            free.releaseAllBut(taken, null, context.objects());
        }
    }

    private void clusterIp() {
        if (Meta.text(spec, "type").equals("ExternalName")) {
            if (old != null && !Meta.text(old, "spec", "type").equals("ExternalName")) {
                // Values that came with the old type go with it, unless the client set new ones for validation to
                // refuse.
                dropUnchanged(old, "clusterIP");
                dropUnchanged(old, "clusterIPs");
                dropUnchanged(old, "ipFamilies");
                dropUnchanged(old, "ipFamilyPolicy");
            }
            return;
        }
        var wanted = Meta.text(spec, "clusterIP");
        if (wanted.isEmpty()) {
            wanted = spec.path("clusterIPs").path(0).stringValue("");
        }
        families(wanted.equals(NONE));
        if (wanted.equals(NONE)) {
            setClusterIp(NONE);
            return;
        }
        try {
            if (wanted.isEmpty()) {
                wanted = free.addresses().takeAny(name, context.objects(), context.dryRun());
                takenAddresses.add(wanted);
            } else if (Addresses.isV4(wanted)
                    && (old == null || !Meta.text(old, "spec", "clusterIP").equals(wanted))) {
                free.addresses().take(wanted, name, context.objects(), context.dryRun());
                takenAddresses.add(wanted);
            }
            setClusterIp(wanted);
        } catch (Taken e) {
            var shown = JsonNodeFactory.instance.arrayNode().add(wanted);
            throw refused(FieldError.invalid("spec.clusterIPs", shown, e.reason()));
        }
    }

    private void dropUnchanged(ObjectNode before, String field) {
        if (spec.path(field).equals(before.path("spec").path(field))) {
            spec.remove(field);
        }
    }

    private void setClusterIp(String address) {
        spec.put("clusterIP", address);
        if (spec.path("clusterIPs").isEmpty()) {
            spec.putArray("clusterIPs").add(address);
        }
    }

    private void families(boolean headless) {
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

    private void nodePorts() {
        var type = Meta.text(spec, "type");
        var wanted = type.equals("NodePort")
                || (type.equals("LoadBalancer")
                        && spec.path("allocateLoadBalancerNodePorts").booleanValue(true));
        if (!wanted && !type.equals("LoadBalancer")) {
            return;
        }
        // One port number may serve TCP and UDP of the same Service port.
        Map<Integer, Integer> byPort = new HashMap<>();
        var list = spec.path("ports");
        for (int i = 0; i < list.size(); i++) {
            if (list.path(i) instanceof ObjectNode port) {
                nodePort(port, "spec.ports[" + i + "].nodePort", wanted, byPort);
            }
        }
        int health = (int) spec.path("healthCheckNodePort").longValue(0);
        if (health != 0) {
            take(health, "spec.healthCheckNodePort");
        }
    }

    private void nodePort(ObjectNode port, String path, boolean wanted, Map<Integer, Integer> byPort) {
        int asked = (int) port.path("nodePort").longValue(0);
        int number = (int) port.path("port").longValue(0);
        if (asked != 0) {
            take(asked, path);
            byPort.putIfAbsent(number, asked);
        } else if (wanted) {
            port.put("nodePort", byPort.computeIfAbsent(number, n -> takeAny(path)));
        }
    }

    private void take(int port, String path) {
        if (ports.contains(port)) {
            return;
        }
        try {
            free.ports().take(port, name, context.objects(), context.now(), context.dryRun());
            took(port);
        } catch (Taken e) {
            throw refused(FieldError.invalid(path, port, e.reason()));
        }
    }

    private int takeAny(String path) {
        try {
            int port = free.ports().takeAny(ports, name, context.objects(), context.now(), context.dryRun());
            took(port);
            return port;
        } catch (Taken e) {
            throw refused(FieldError.invalid(path, 0, e.reason()));
        }
    }

    private void took(int port) {
        ports.add(port);
        takenPorts.add(port);
    }

    private ApiException refused(FieldError error) {
        return ApiException.invalid(new GroupKind("", "Service"), Meta.name(service), List.of(error));
    }
}
