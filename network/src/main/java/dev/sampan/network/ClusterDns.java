package dev.sampan.network;

import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.network.dns.ClusterView;
import dev.sampan.network.dns.ClusterZone;
import dev.sampan.network.dns.DnsServer;
import dev.sampan.network.endpoints.ServiceEndpoints;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's name server: names of Services and pods, from the informers' caches at the moment of the question, so that
 * there is nothing to keep up to date.
 */
public final class ClusterDns implements AutoCloseable {

    private static final String BY_CLUSTER_ADDRESS = "clusterAddress";
    private static final String BY_ENDPOINT_ADDRESS = "endpointAddress";

    private final Informers informers;
    private final Informer<Service> services;
    private final Informer<EndpointSlice> slices;
    private final Informer<Namespace> namespaces;
    private final ClusterDnsConfig config;
    private @Nullable DnsServer server;

    /** @param informers shared with other actors of the process; asked for what names are made of */
    public ClusterDns(Informers informers, ClusterDnsConfig config) {
        this.informers = informers;
        this.services = informers.of(Service.class).index(BY_CLUSTER_ADDRESS, ClusterDns::clusterAddresses);
        this.slices = informers
                .of(EndpointSlice.class)
                .index(ServiceEndpoints.BY_SERVICE, ServiceEndpoints::indexByService)
                .index(BY_ENDPOINT_ADDRESS, ClusterDns::endpointAddresses);
        this.namespaces = informers.of(Namespace.class);
        this.config = config;
    }

    private static List<String> clusterAddresses(Service service) {
        List<String> addresses =
                new ArrayList<>(Objects.requireNonNullElse(service.getSpec().getClusterIPs(), List.of()));
        String first = service.getSpec().getClusterIP();
        if (first != null && !addresses.contains(first)) {
            addresses.add(first);
        }
        addresses.removeIf(address -> address.isEmpty() || address.equals("None"));
        return addresses;
    }

    private static List<String> endpointAddresses(EndpointSlice slice) {
        return slice.getEndpoints() == null
                ? List.of()
                : slice.getEndpoints().stream()
                        .flatMap(endpoint -> endpoint.getAddresses().stream())
                        .distinct()
                        .toList();
    }

    /**
     * Opens the sockets and answers until closed.
     *
     * @throws UncheckedIOException when the address cannot be bound, saying what to do
     */
    public synchronized void start() {
        informers.start();
        var zone = new ClusterZone(config.domain(), new ClusterView() {
            @Override
            public @Nullable Service service(String namespace, String name) {
                return services.get(namespace, name);
            }

            @Override
            public Collection<EndpointSlice> slices(String namespace, String service) {
                return slices.indexed(ServiceEndpoints.BY_SERVICE, namespace + "/" + service);
            }

            @Override
            public boolean namespaceExists(String name) {
                return namespaces.get("", name) != null;
            }

            @Override
            public Collection<Service> servicesAt(String address) {
                return services.indexed(BY_CLUSTER_ADDRESS, address);
            }

            @Override
            public Collection<EndpointSlice> slicesAt(String address) {
                return slices.indexed(BY_ENDPOINT_ADDRESS, address);
            }
        });
        try {
            server = new DnsServer(config.address(), zone, config.elsewhere(), new Random());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.start();
    }

    /** Where it listens. @throws IllegalStateException before {@link #start} */
    public synchronized InetSocketAddress address() {
        if (server == null) {
            throw new IllegalStateException("the DNS server is not open: call start() first");
        }
        return server.address();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
        }
    }
}
