package dev.sampan.controllers.endpointslice;

import dev.sampan.client.Controller;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the older Endpoints object of each Service with a selector, for clients that do not read slices. */
public final class EndpointsController implements AutoCloseable {

    private static final String MANAGED_BY = "endpoints.kubernetes.io/managed-by";
    private static final String MANAGER = "endpoint-controller";

    private final KubernetesClient client;
    private final Timers timers;
    private final Informer<Service> services;
    private final Informer<Endpoints> endpoints;
    private final Controller<ObjectKey> controller;
    private final ServiceQueue serviceQueue;

    public EndpointsController(KubernetesClient client, Informers informers, Timers timers, int workers) {
        this.client = client;
        this.timers = timers;
        this.services = informers.of(Service.class);
        this.endpoints = informers.of(Endpoints.class);
        this.controller = new Controller<>("endpoints", timers, workers, this::reconcile);
        this.serviceQueue = new ServiceQueue(services, informers.of(Pod.class), controller.queue());
        serviceQueue.connect();
        endpoints.onAnyChange(e -> controller.queue().add(ObjectKey.of(e)));
    }

    public Controller<ObjectKey> controller() {
        return controller;
    }

    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private Result reconcile(ObjectKey key) {
        var service = services.get(key);
        var existing = endpoints.get(key);
        if (service == null) {
            deleteOurs(existing);
            return Result.done();
        }
        if (!ServiceQueue.isManaged(service)) {
            return Result.done();
        }
        var backends = Backends.of(service, serviceQueue.selected(service), name -> null, primaryType(service));
        var subsets = Subsets.of(service, backends);
        var labels = labels(service);
        if (existing != null
                && existing.getSubsets().equals(subsets)
                && labels.equals(orEmpty(existing.getMetadata().getLabels()))) {
            return Result.done();
        }
        var annotations = new HashMap<>(
                existing == null
                        ? Map.<String, String>of()
                        : orEmpty(existing.getMetadata().getAnnotations()));
        annotations.put(
                SlicePlan.TRIGGER_TIME,
                timers.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        var wanted = (existing == null ? fresh(key) : new EndpointsBuilder(existing))
                .editMetadata()
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withSubsets(subsets)
                .build();
        if (existing == null) {
            client.resource(wanted).create();
        } else {
            client.resource(wanted).update();
        }
        return Result.done();
    }

    private void deleteOurs(@Nullable Endpoints existing) {
        if (existing != null
                && MANAGER.equals(orEmpty(existing.getMetadata().getLabels()).get(MANAGED_BY))) {
            client.resource(existing).delete();
        }
    }

    private static EndpointsBuilder fresh(ObjectKey key) {
        return new EndpointsBuilder()
                .withNewMetadata()
                .withNamespace(key.namespace())
                .withName(key.name())
                .endMetadata();
    }

    private static Map<String, String> labels(Service service) {
        var labels = new HashMap<>(orEmpty(service.getMetadata().getLabels()));
        labels.remove(SlicePlan.HEADLESS);
        if (Backends.isHeadless(service)) {
            labels.put(SlicePlan.HEADLESS, "");
        }
        labels.put(MANAGED_BY, MANAGER);
        return labels;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }

    private static String primaryType(Service service) {
        List<String> families = service.getSpec().getIpFamilies();
        return families.isEmpty() ? "IPv4" : families.getFirst();
    }
}
