package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which Service holds an address or a port, as IPAddresses and reservations write it down. */
record ServiceName(String namespace, String name) {

    static final GroupResource SERVICES = new GroupResource("", "services");

    /** The API server's own. */
    static final ServiceName KUBERNETES = new ServiceName("default", "kubernetes");

    static ServiceName of(JsonNode service) {
        return new ServiceName(Meta.namespace(service), Meta.name(service));
    }

    /** From {@code parentRef} and its like. */
    static ServiceName in(JsonNode reference) {
        return new ServiceName(Meta.text(reference, "namespace"), Meta.text(reference, "name"));
    }

    void writeTo(ObjectNode reference) {
        reference.put("namespace", namespace).put("name", name);
    }

    @Nullable
    ObjectNode find(Objects objects) {
        return objects.get(SERVICES, namespace, name);
    }

    /** The IPv4 addresses in a Service's specification. */
    static Set<String> addressesOf(@Nullable JsonNode service) {
        if (service == null) {
            return Set.of();
        }
        return service.path("spec")
                .path("clusterIPs")
                .valueStream()
                .map(ip -> ip.stringValue(""))
                .filter(Addresses::isV4)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The node ports in a Service's specification. */
    static Set<Integer> portsOf(@Nullable JsonNode service) {
        var result = new LinkedHashSet<Integer>();
        if (service != null) {
            service.path("spec")
                    .path("ports")
                    .forEach(port -> result.add((int) port.path("nodePort").longValue(0)));
            result.add((int) service.path("spec").path("healthCheckNodePort").longValue(0));
        }
        result.remove(0);
        return result;
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
