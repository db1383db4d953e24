package dev.sampan.network.gateway;

import dev.sampan.network.endpoints.Endpoint;
import dev.sampan.network.endpoints.ServiceEndpoints;
import dev.sampan.network.ingress.BackendRef;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds endpoints in the informers' caches and remembers them until the Service or its endpoints change. */
public final class ClusterBackends implements Backends {

    /** Reads the caches. */
    public interface Cluster {
        @Nullable
        Service service(String namespace, String name);

        Collection<EndpointSlice> slices(String namespace, String service);
    }

    private final Cluster cluster;
    /** By {@code namespace/service}, then by port. */
    private final Map<String, Map<BackendRef, Resolution>> known = new ConcurrentHashMap<>();

    public ClusterBackends(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The Service or one of its EndpointSlices changed; the caches must show it already. */
    public void changed(String namespaceAndService) {
        known.remove(namespaceAndService);
    }

    @Override
    public Resolution resolve(BackendRef backend) {
        Map<BackendRef, Resolution> ports = known.get(backend.namespace() + "/" + backend.service());
        Resolution found = ports == null ? null : ports.get(backend);
        return found != null ? found : resolveAnew(backend);
    }

    /** Under the map's lock, so that a change that comes meanwhile is not overwritten with what was read before it. */
    private Resolution resolveAnew(BackendRef backend) {
        Map<BackendRef, Resolution> ports =
                known.compute(backend.namespace() + "/" + backend.service(), (key, before) -> {
                    Map<BackendRef, Resolution> all = before == null ? new ConcurrentHashMap<>() : before;
                    all.put(backend, read(backend));
                    return all;
                });
        return Objects.requireNonNull(ports.get(backend));
    }

    private Resolution read(BackendRef backend) {
        String name = backend.namespace() + "/" + backend.service();
        Service service = cluster.service(backend.namespace(), backend.service());
        if (service == null) {
            return new Resolution.None("service \"" + name + "\" does not exist");
        }
        if ("ExternalName".equals(service.getSpec().getType())) {
            return new Resolution.None("service \"" + name + "\" is of type ExternalName, which is not supported");
        }
        ServicePort port = port(service, backend.port());
        if (port == null) {
            return new Resolution.None("service \"" + name + "\" has no port " + backend.port());
        }
        List<Endpoint> all = ServiceEndpoints.of(
                cluster.slices(backend.namespace(), backend.service()),
                Objects.requireNonNullElse(port.getName(), ""),
                "TCP");
        List<InetSocketAddress> usable =
                ServiceEndpoints.usable(all).stream().map(Endpoint::address).toList();
        return usable.isEmpty()
                ? new Resolution.None("service \"" + name + "\" has no ready endpoint")
                : new Resolution.Endpoints(usable);
    }

    private static @Nullable ServicePort port(Service service, String wanted) {
        for (ServicePort port : Objects.requireNonNullElse(service.getSpec().getPorts(), List.<ServicePort>of())) {
            if (wanted.equals(port.getName()) || wanted.equals(String.valueOf(port.getPort()))) {
                return port;
            }
        }
        return null;
    }
}
