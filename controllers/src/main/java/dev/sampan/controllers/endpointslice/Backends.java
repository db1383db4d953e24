package dev.sampan.controllers.endpointslice;

import dev.sampan.controllers.pods.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pods behind a Service, as endpoints. Pure. */
final class Backends {

    private static final String ZONE = "topology.kubernetes.io/zone";

    private Backends() {}

    /** A pod's endpoint and the ports on which it serves; pods may resolve a named port differently. */
    record Backend(Pod pod, Endpoint endpoint, List<EndpointPort> ports) {}

    /** @param selected pods that the Service selects */
    static List<Backend> of(
            Service service, Collection<Pod> selected, Function<String, @Nullable Node> nodes, String addressType) {
        var backends = new ArrayList<Backend>();
        for (var pod : selected) {
            var address = address(pod, addressType);
            if (address != null && !Pods.isTerminal(pod)) {
                backends.add(new Backend(pod, endpoint(service, pod, address, nodes), ports(service, pod)));
            }
        }
        return backends;
    }

    private static @Nullable String address(Pod pod, String addressType) {
        if (pod.getStatus() == null) {
            return null;
        }
        boolean v6 = addressType.equals("IPv6");
        var all = Stream.concat(
                Stream.ofNullable(pod.getStatus().getPodIP()),
                pod.getStatus().getPodIPs().stream().map(ip -> ip.getIp()));
        return all.filter(ip -> !ip.isEmpty() && ip.contains(":") == v6)
                .findFirst()
                .orElse(null);
    }

    private static Endpoint endpoint(Service service, Pod pod, String address, Function<String, @Nullable Node> nodes) {
        boolean serving = Pods.isReady(pod);
        boolean terminating = Pods.isTerminating(pod);
        boolean ready = publishesNotReady(service) || (serving && !terminating);
        var nodeName = Pods.isAssigned(pod) ? pod.getSpec().getNodeName() : null;
        var node = nodeName == null ? null : nodes.apply(nodeName);
        var labels = node == null ? null : node.getMetadata().getLabels();
        return new EndpointBuilder()
                .withAddresses(address)
                .withNewConditions()
                .withReady(ready)
                .withServing(serving)
                .withTerminating(terminating)
                .endConditions()
                .withHostname(hostname(service, pod))
                .withNodeName(nodeName)
                .withZone(labels == null ? null : labels.get(ZONE))
                .withTargetRef(new ObjectReferenceBuilder()
                        .withKind("Pod")
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .build())
                .build();
    }

    static boolean publishesNotReady(Service service) {
        return Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
    }

    static boolean isHeadless(Service service) {
        return "None".equals(service.getSpec().getClusterIP());
    }

    /** A pod of a headless Service that is its subdomain has a DNS name of its own. */
    static @Nullable String hostname(Service service, Pod pod) {
        var hostname = pod.getSpec().getHostname();
        boolean named = hostname != null
                && !hostname.isEmpty()
                && Objects.equals(
                        pod.getSpec().getSubdomain(), service.getMetadata().getName());
        return named ? hostname : null;
    }

    /** Ports whose target the pod does not have are left out. */
    static List<EndpointPort> ports(Service service, Pod pod) {
        var ports = new ArrayList<EndpointPort>();
        for (var port : service.getSpec().getPorts()) {
            targetPort(port, pod)
                    .ifPresent(number -> ports.add(new EndpointPortBuilder()
                            .withName(port.getName() == null ? "" : port.getName())
                            .withPort(number)
                            .withProtocol(protocol(port))
                            .withAppProtocol(port.getAppProtocol())
                            .build()));
        }
        return ports;
    }

    private static String protocol(ServicePort port) {
        return port.getProtocol() == null ? "TCP" : port.getProtocol();
    }

    /** The number that a Service port's target has in the pod, where it may be a container port's name. */
    static OptionalInt targetPort(ServicePort port, Pod pod) {
        var target = port.getTargetPort();
        if (target == null) {
            return OptionalInt.of(port.getPort());
        }
        if (target.getStrVal() == null) {
            int number = target.getIntVal() == null ? 0 : target.getIntVal();
            return OptionalInt.of(number == 0 ? port.getPort() : number);
        }
        var sidecars = pod.getSpec().getInitContainers().stream().filter(c -> "Always".equals(c.getRestartPolicy()));
        return Stream.concat(pod.getSpec().getContainers().stream(), sidecars)
                .flatMap((Container c) -> c.getPorts().stream())
                .filter(p -> target.getStrVal().equals(p.getName()))
                .filter(p -> protocol(port).equals(p.getProtocol() == null ? "TCP" : p.getProtocol()))
                .mapToInt(p -> p.getContainerPort())
                .findFirst();
    }
}
