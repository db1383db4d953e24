package dev.sampan.network.dns;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What names are made of, as the caches have it. Called by any thread. */
public interface ClusterView {

    @Nullable
    Service service(String namespace, String name);

    Collection<EndpointSlice> slices(String namespace, String service);

    boolean namespaceExists(String name);

    /** Services that have the cluster address. */
    Collection<Service> servicesAt(String address);

    /** EndpointSlices that contain the address. */
    Collection<EndpointSlice> slicesAt(String address);
}
