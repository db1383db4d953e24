package dev.sampan.network;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.network.endpoints.ServiceEndpoints;
import dev.sampan.network.gateway.Certificate;
import dev.sampan.network.gateway.ClusterBackends;
import dev.sampan.network.gateway.Gateway;
import dev.sampan.network.gateway.TlsSecrets;
import dev.sampan.network.ingress.IngressClasses;
import dev.sampan.network.ingress.RouteTable;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP and HTTPS as the cluster's Ingresses say. Routes and certificates are rebuilt as a whole when something
 * changes and swapped in one assignment; requests go straight to ready endpoints.
 */
public final class IngressGateway implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IngressGateway.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(30);
    /** The one key of the work that rebuilds the tables. */
    private static final String TABLES = "tables";

    private record Tables(RouteTable routes, Map<String, Certificate> certificates) {}

    /** A Secret's certificate, or what is wrong with it; kept as long as the Secret stays the same. */
    private record ReadSecret(String version, @Nullable Certificate certificate, String problem) {}

    private final KubernetesClient client;
    private final Informers informers;
    private final Timers timers;
    private final Informer<Ingress> ingresses;
    private final Informer<IngressClass> classes;
    private final Informer<Service> services;
    private final Informer<EndpointSlice> slices;
    private final Informer<Secret> secrets;
    private final Events events;
    private final ClusterBackends backends;
    private final Gateway gateway;
    private final Controller<String> rebuilds;
    private final Controller<ObjectKey> statuses;
    private final IngressStatus status;
    private final @Nullable Certificate defaultCertificate;
    private volatile Tables tables = new Tables(RouteTable.empty(), Map.of());
    private Map<String, ReadSecret> readSecrets = Map.of();
    private volatile boolean closed;

    /** @param informers shared with other actors of the process; asked for what the gateway needs */
    public IngressGateway(KubernetesClient client, Informers informers, Timers timers, IngressGatewayConfig config) {
        this.client = client;
        this.informers = informers;
        this.timers = timers;
        this.ingresses = informers.of(Ingress.class);
        this.classes = informers.of(IngressClass.class);
        this.services = informers.of(Service.class);
        this.slices =
                informers.of(EndpointSlice.class).index(ServiceEndpoints.BY_SERVICE, ServiceEndpoints::indexByService);
        this.secrets = informers.of(Secret.class);
        this.events = new Events(client, "ingress-gateway", timers);
        this.backends = new ClusterBackends(new ClusterBackends.Cluster() {
            @Override
            public @Nullable Service service(String namespace, String name) {
                return services.get(namespace, name);
            }

            @Override
            public Collection<EndpointSlice> slices(String namespace, String service) {
                return slices.indexed(ServiceEndpoints.BY_SERVICE, namespace + "/" + service);
            }
        });
        this.defaultCertificate = config.defaultCertificate();
        this.gateway = new Gateway(
                config.address(),
                config.httpPort(),
                config.httpsPort(),
                () -> tables.routes,
                backends,
                this::certificate,
                config.accessLog());
        this.status = new IngressStatus(client, events, config.publishedAddress());
        this.rebuilds = new Controller<>("ingress-tables", timers, 1, key -> reconcileTables());
        this.statuses = new Controller<>("ingress-status", timers, 2, this::reconcileStatus);
    }

    private @Nullable Certificate certificate(String host) {
        Tables now = tables;
        String secret = host.isEmpty() ? null : now.routes.certificate(host);
        Certificate found = secret == null ? null : now.certificates.get(secret);
        return found == null ? defaultCertificate : found;
    }

    /**
     * Opens the ports with the routes that there are now and follows their changes.
     *
     * @throws UncheckedIOException when a port cannot be opened, saying which and what to do
     */
    public void start() {
        ingresses.onAnyChange(ingress -> {
            rebuilds.queue().add(TABLES);
            statuses.queue().add(ObjectKey.of(ingress));
        });
        classes.onAnyChange(ingressClass -> {
            rebuilds.queue().add(TABLES);
            ingresses.list().forEach(ingress -> statuses.queue().add(ObjectKey.of(ingress)));
        });
        secrets.onAnyChange(secret -> {
            if (TlsSecrets.TYPE.equals(secret.getType())) {
                rebuilds.queue().add(TABLES);
            }
        });
        services.onAnyChange(service -> backends.changed(ServiceEndpoints.indexKey(service)));
        slices.onAnyChange(slice -> ServiceEndpoints.indexByService(slice).forEach(backends::changed));
        informers.start();
        rebuild();
        try {
            gateway.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rebuilds.start();
        statuses.start();
        rebuilds.queue().add(TABLES);
        sweepLater();
    }

    private void sweepLater() {
        timers.after(BETWEEN_SWEEPS, () -> {
            if (!closed) {
                gateway.sweep();
                sweepLater();
            }
        });
    }

    /** The port that HTTP is served on. */
    public int httpPort() {
        return gateway.httpPort();
    }

    /** The port that HTTPS is served on. */
    public int httpsPort() {
        return gateway.httpsPort();
    }

    private Result reconcileTables() {
        rebuild();
        if (classes.get("", IngressClasses.NAME) == null) {
            IngressClasses.create(client, classes.list());
        }
        return Result.done();
    }

    private synchronized void rebuild() {
        List<IngressClass> known = classes.list();
        List<Ingress> ours = ingresses.list().stream()
                .filter(ingress -> ingress.getMetadata().getDeletionTimestamp() == null)
                .filter(ingress -> IngressClasses.ours(ingress, known))
                .toList();
        Map<String, ReadSecret> read = new HashMap<>();
        for (Secret secret : secrets.list()) {
            if (TlsSecrets.TYPE.equals(secret.getType())) {
                read.put(ObjectKey.of(secret).toString(), readAgainIfChanged(secret));
            }
        }
        Map<String, Certificate> certificates = new HashMap<>();
        read.forEach((key, one) -> {
            if (one.certificate != null) {
                certificates.put(key, one.certificate);
            }
        });
        readSecrets = read;
        tables = new Tables(RouteTable.of(ours), certificates);
        status.problems(problems(ours, read));
        ours.forEach(ingress -> statuses.queue().add(ObjectKey.of(ingress)));
    }

    private ReadSecret readAgainIfChanged(Secret secret) {
        String version = String.valueOf(secret.getMetadata().getResourceVersion());
        ReadSecret before = readSecrets.get(ObjectKey.of(secret).toString());
        if (before != null && before.version.equals(version)) {
            return before;
        }
        try {
            return new ReadSecret(version, TlsSecrets.read(secret), "");
        } catch (GeneralSecurityException e) {
            LOG.warn("secret {} cannot be used: {}", ObjectKey.of(secret), e.getMessage());
            return new ReadSecret(version, null, String.valueOf(e.getMessage()));
        }
    }

    private Map<String, List<String>> problems(List<Ingress> ours, Map<String, ReadSecret> read) {
        Map<String, List<String>> all = new ConcurrentHashMap<>(tables.routes.problems());
        for (Ingress ingress : ours) {
            String key = RouteTable.key(ingress);
            for (String secret : RouteTable.secrets(ingress)) {
                ReadSecret found = read.get(secret);
                String problem = found == null
                        ? "secret \"%s\" does not exist or is not of type %s".formatted(secret, TlsSecrets.TYPE)
                        : found.problem.isEmpty() ? "" : "secret \"%s\": %s".formatted(secret, found.problem);
                if (!problem.isEmpty()) {
                    all.merge(key, List.of(problem), IngressGateway::concatenated);
                }
            }
        }
        return all;
    }

    private static List<String> concatenated(List<String> a, List<String> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    private Result reconcileStatus(ObjectKey key) {
        Ingress ingress = ingresses.get(key);
        if (ingress == null) {
            status.forget(key.toString());
        } else if (IngressClasses.ours(ingress, classes.list())) {
            status.publish(ingress);
        }
        return Result.done();
    }

    /** Closes the ports; requests under way may end within some seconds. */
    @Override
    public void close() {
        closed = true;
        rebuilds.close();
        statuses.close();
        gateway.close();
        events.close();
    }
}
