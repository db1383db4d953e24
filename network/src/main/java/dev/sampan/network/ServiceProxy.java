package dev.sampan.network;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.network.endpoints.ServiceEndpoints;
import dev.sampan.network.proxy.Frontend;
import dev.sampan.network.proxy.Frontends;
import dev.sampan.network.proxy.ServicePlan;
import dev.sampan.network.relay.Relay;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Makes Services reachable without any privilege: it listens on each cluster address (a loopback address) and NodePort and
 * carries connections to ready endpoints. New connections never go to a terminating endpoint while a ready one exists, and
 * a backend that refuses is replaced by another before the client notices; open connections are left alone.
 */
public final class ServiceProxy implements AutoCloseable {

    private static final Duration TRY_REFUSED_AGAIN = Duration.ofSeconds(30);

    private final Informers informers;
    private final Informer<Service> services;
    private final Informer<EndpointSlice> slices;
    private final Events events;
    private final Relay relay;
    private final Frontends frontends;
    private final Controller<ObjectKey> controller;
    private final String nodeName;
    private final List<String> nodePortAddresses;

    /** @param informers shared with other actors of the process; asked for Services and EndpointSlices */
    public ServiceProxy(KubernetesClient client, Informers informers, Timers timers, ServiceProxyConfig config) {
        this.informers = informers;
        this.services = informers.of(Service.class);
        this.slices =
                informers.of(EndpointSlice.class).index(ServiceEndpoints.BY_SERVICE, ServiceEndpoints::indexByService);
        this.events = new Events(client, "service-proxy", config.nodeName(), timers);
        this.relay = new Relay(config.threads());
        this.frontends = new Frontends(relay, timers);
        this.controller = new Controller<>("service-proxy", timers, 1, this::reconcile);
        this.nodeName = config.nodeName();
        this.nodePortAddresses = config.nodePortAddresses();
    }

    /** Opens what the Services want now and follows their changes. */
    public void start() {
        services.onAnyChange(service -> controller.queue().add(ObjectKey.of(service)));
        slices.onAnyChange(slice -> {
            for (String service : ServiceEndpoints.indexByService(slice)) {
                int slash = service.indexOf('/');
                controller.queue().add(new ObjectKey(service.substring(0, slash), service.substring(slash + 1)));
            }
        });
        informers.start();
        controller.start();
    }

    private Result reconcile(ObjectKey key) {
        Service service = services.get(key);
        List<Frontend> wanted = service == null || service.getMetadata().getDeletionTimestamp() != null
                ? List.of()
                : ServicePlan.of(
                        service,
                        slices.indexed(ServiceEndpoints.BY_SERVICE, key.toString()),
                        nodeName,
                        nodePortAddresses);
        List<Frontends.Refused> refused = frontends.apply(key.toString(), wanted);
        if (service == null || refused.isEmpty()) {
            return Result.done();
        }
        for (Frontends.Refused one : refused) {
            events.warning(
                    service,
                    "PortNotAvailable",
                    "port %s: %s".formatted(one.frontend().port(), one.reason()));
        }
        return Result.again(TRY_REFUSED_AGAIN);
    }

    /** Where the Service is listened on now. */
    public Set<InetSocketAddress> addresses(String namespace, String service) {
        return frontends.addresses(namespace + "/" + service);
    }

    /** Connections that are open now. */
    public int connections() {
        return relay.connections();
    }

    /** Stops listening and cuts all connections. */
    @Override
    public void close() {
        controller.close();
        relay.close();
        events.close();
    }
}
