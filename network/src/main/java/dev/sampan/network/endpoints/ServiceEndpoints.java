package dev.sampan.network.endpoints;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads EndpointSlices. */
public final class ServiceEndpoints {

    /** Index of EndpointSlices by {@code namespace/service}. */
    public static final String BY_SERVICE = "service";

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private ServiceEndpoints() {}

    /** The values of the index {@link #BY_SERVICE}. */
    public static List<String> indexByService(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        String service = labels == null ? null : labels.get(SERVICE_NAME);
        return service == null ? List.of() : List.of(slice.getMetadata().getNamespace() + "/" + service);
    }

    public static String indexKey(Service service) {
        return service.getMetadata().getNamespace() + "/"
                + service.getMetadata().getName();
    }

    /**
     * All addresses behind one port of a Service, each once.
     *
     * @param portName the name of the service port, empty when it has none
     * @param protocol TCP, UDP or SCTP
     */
    public static List<Endpoint> of(Collection<EndpointSlice> slices, String portName, String protocol) {
        Map<InetSocketAddress, Endpoint> byAddress = new LinkedHashMap<>();
        for (EndpointSlice slice : slices) {
            for (EndpointPort port : orEmpty(slice.getPorts())) {
                if (port.getPort() != null
                        && portName.equals(Objects.requireNonNullElse(port.getName(), ""))
                        && protocol.equals(Objects.requireNonNullElse(port.getProtocol(), "TCP"))) {
                    add(byAddress, slice, port.getPort());
                }
            }
        }
        return List.copyOf(byAddress.values());
    }

    private static void add(Map<InetSocketAddress, Endpoint> byAddress, EndpointSlice slice, int port) {
        for (var object : orEmpty(slice.getEndpoints())) {
            for (String ip : orEmpty(object.getAddresses())) {
                EndpointConditions conditions = object.getConditions();
                boolean ready = conditions == null || !Boolean.FALSE.equals(conditions.getReady());
                boolean serving =
                        conditions == null || conditions.getServing() == null ? ready : conditions.getServing();
                boolean terminating = conditions != null && Boolean.TRUE.equals(conditions.getTerminating());
                var address = new InetSocketAddress(ip, port);
                var endpoint = new Endpoint(
                        address, Objects.requireNonNullElse(object.getNodeName(), ""), ready, serving, terminating);
                // A pod can be in two slices for a moment; the better word counts.
                byAddress.merge(address, endpoint, (a, b) -> a.ready() ? a : b);
            }
        }
    }

    /**
     * The endpoints that may get new connections: the ready ones, and when there is none those that terminate but still
     * serve (KEP-1669).
     */
    public static List<Endpoint> usable(List<Endpoint> all) {
        List<Endpoint> ready =
                all.stream().filter(e -> e.ready() && !e.terminating()).toList();
        return ready.isEmpty()
                ? all.stream().filter(e -> e.serving() && e.terminating()).toList()
                : ready;
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
