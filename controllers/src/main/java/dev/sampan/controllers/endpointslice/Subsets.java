package dev.sampan.controllers.endpointslice;

import dev.sampan.controllers.pods.Pods;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.EndpointSubsetBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The subsets of a Service's Endpoints object: addresses that share the same ports. Terminating pods are in none. */
final class Subsets {

    static final int MAX_ADDRESSES = 1000;

    private Subsets() {}

    private static final Comparator<EndpointAddress> BY_ADDRESS = Comparator.comparing(EndpointAddress::getIp)
            .thenComparing(a -> a.getTargetRef().getUid());

    static List<EndpointSubset> of(Service service, Collection<Backends.Backend> backends) {
        Map<List<EndpointPort>, EndpointSubset> byPorts = new LinkedHashMap<>();
        int count = 0;
        for (var backend : backends) {
            boolean tolerant = Backends.publishesNotReady(service);
            boolean leaving = Pods.isTerminating(backend.pod()) && !tolerant;
            if (leaving
                    || (backend.ports().isEmpty()
                            && !service.getSpec().getPorts().isEmpty())
                    || ++count > MAX_ADDRESSES) {
                continue;
            }
            var subset = byPorts.computeIfAbsent(
                    ports(backend),
                    p -> new EndpointSubsetBuilder().withPorts(p).build());
            boolean ready = tolerant || Pods.isReady(backend.pod());
            (ready ? subset.getAddresses() : subset.getNotReadyAddresses()).add(address(backend));
        }
        var subsets = new ArrayList<>(byPorts.values());
        subsets.forEach(s -> {
            s.getAddresses().sort(BY_ADDRESS);
            s.getNotReadyAddresses().sort(BY_ADDRESS);
        });
        subsets.sort(Comparator.comparing(s -> s.getPorts().toString()));
        return subsets;
    }

    private static EndpointAddress address(Backends.Backend backend) {
        var endpoint = backend.endpoint();
        return new EndpointAddressBuilder()
                .withIp(endpoint.getAddresses().getFirst())
                .withHostname(endpoint.getHostname())
                .withNodeName(endpoint.getNodeName())
                .withTargetRef(endpoint.getTargetRef())
                .build();
    }

    private static List<EndpointPort> ports(Backends.Backend backend) {
        return backend.ports().stream()
                .map(p -> new EndpointPortBuilder()
                        .withName(p.getName().isEmpty() ? null : p.getName())
                        .withPort(p.getPort())
                        .withProtocol(p.getProtocol())
                        .withAppProtocol(p.getAppProtocol())
                        .build())
                .toList();
    }
}
