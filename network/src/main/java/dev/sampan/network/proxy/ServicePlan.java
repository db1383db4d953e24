package dev.sampan.network.proxy;

import dev.sampan.network.endpoints.Endpoint;
import dev.sampan.network.endpoints.ServiceEndpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which frontends a Service needs. A port without a usable endpoint gets none, so that its clients are refused at once, as
 * kube-proxy refuses them.
 */
public final class ServicePlan {

    private static final int DEFAULT_AFFINITY_SECONDS = 10_800;

    private ServicePlan() {}

    /**
     * @param nodeName for traffic policies that keep to the node
     * @param nodePortAddresses where NodePorts listen
     */
    public static List<Frontend> of(
            Service service, Collection<EndpointSlice> slices, String nodeName, List<String> nodePortAddresses) {
        ServiceSpec spec = service.getSpec();
        if ("ExternalName".equals(spec.getType()) || spec.getPorts() == null) {
            return List.of();
        }
        List<Frontend> frontends = new ArrayList<>();
        for (ServicePort port : spec.getPorts()) {
            String protocol = Objects.requireNonNullElse(port.getProtocol(), "TCP");
            if (!protocol.equals("TCP")) {
                continue;
            }
            List<Endpoint> all = ServiceEndpoints.of(slices, Objects.requireNonNullElse(port.getName(), ""), protocol);
            boolean internalLocal = "Local".equals(spec.getInternalTrafficPolicy());
            boolean externalLocal = "Local".equals(spec.getExternalTrafficPolicy());
            var internal = targets(all, internalLocal ? nodeName : null);
            var external = targets(all, externalLocal ? nodeName : null);
            add(frontends, port, clusterAddresses(spec), port.getPort(), internal, spec);
            if (port.getNodePort() != null && port.getNodePort() > 0) {
                add(frontends, port, nodePortAddresses, port.getNodePort(), external, spec);
            }
            add(frontends, port, externalAddresses(service), port.getPort(), external, spec);
        }
        return frontends;
    }

    private static void add(
            List<Frontend> frontends,
            ServicePort port,
            Collection<String> addresses,
            int number,
            List<InetSocketAddress> targets,
            ServiceSpec spec) {
        if (targets.isEmpty()) {
            return;
        }
        String name = port.getName() == null ? String.valueOf(port.getPort()) : port.getName();
        for (String address : addresses) {
            frontends.add(new Frontend(new InetSocketAddress(address, number), name, targets, affinity(spec)));
        }
    }

    private static List<InetSocketAddress> targets(List<Endpoint> all, @Nullable String onlyNode) {
        List<Endpoint> candidates = onlyNode == null
                ? all
                : all.stream().filter(e -> e.node().equals(onlyNode)).toList();
        return ServiceEndpoints.usable(candidates).stream()
                .map(Endpoint::address)
                .toList();
    }

    private static Set<String> clusterAddresses(ServiceSpec spec) {
        Set<String> addresses = new LinkedHashSet<>();
        if (spec.getClusterIP() != null) {
            addresses.add(spec.getClusterIP());
        }
        if (spec.getClusterIPs() != null) {
            addresses.addAll(spec.getClusterIPs());
        }
        addresses.removeIf(address -> address.isEmpty() || address.equals("None"));
        return addresses;
    }

    private static Set<String> externalAddresses(Service service) {
        Set<String> addresses = new LinkedHashSet<>();
        if (service.getSpec().getExternalIPs() != null) {
            addresses.addAll(service.getSpec().getExternalIPs());
        }
        var status = service.getStatus();
        if (status != null
                && status.getLoadBalancer() != null
                && status.getLoadBalancer().getIngress() != null) {
            for (var ingress : status.getLoadBalancer().getIngress()) {
                if (ingress.getIp() != null) {
                    addresses.add(ingress.getIp());
                }
            }
        }
        return addresses;
    }

    private static @Nullable Duration affinity(ServiceSpec spec) {
        if (!"ClientIP".equals(spec.getSessionAffinity())) {
            return null;
        }
        var config = spec.getSessionAffinityConfig();
        Integer seconds = config == null || config.getClientIP() == null
                ? null
                : config.getClientIP().getTimeoutSeconds();
        return Duration.ofSeconds(seconds == null ? DEFAULT_AFFINITY_SECONDS : seconds);
    }
}
