package dev.sampan.network.dns;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** The hosts that a headless Service's name leads to. */
final class ServiceHosts {

    private ServiceHosts() {}

    /**
     * One address behind a headless Service.
     *
     * @param name its label under the Service's name: the pod's hostname, else the address with dashes
     */
    record Host(String name, String address, List<EndpointPort> ports) {}

    static List<Host> of(Service service, Collection<EndpointSlice> slices) {
        boolean all = Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
        List<Host> hosts = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : orEmpty(slice.getEndpoints())) {
                if (all || ready(endpoint)) {
                    for (String address : orEmpty(endpoint.getAddresses())) {
                        hosts.add(new Host(label(endpoint, address), address, orEmpty(slice.getPorts())));
                    }
                }
            }
        }
        return hosts;
    }

    static String label(Endpoint endpoint, String address) {
        String hostname = endpoint.getHostname();
        return hostname == null || hostname.isEmpty()
                ? address.replace('.', '-').replace(':', '-')
                : hostname;
    }

    private static boolean ready(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return Objects.requireNonNullElse(list, List.of());
    }
}
