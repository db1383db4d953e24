package dev.sampan.controllers.endpointslice;

import dev.sampan.client.Controller;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.consistency.Written;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Keeps the EndpointSlices of Services with selectors. */
public final class EndpointSliceController implements AutoCloseable {

    private static final String BY_SERVICE = "endpointslice-by-service";

    private final KubernetesClient client;
    private final Timers timers;
    private final Informer<Service> services;
    private final Informer<EndpointSlice> slices;
    private final Informer<Node> nodes;
    private final Written written = new Written();
    private final Controller<ObjectKey> controller;
    private final ServiceQueue serviceQueue;

    public EndpointSliceController(KubernetesClient client, Informers informers, Timers timers, int workers) {
        this.client = client;
        this.timers = timers;
        this.services = informers.of(Service.class);
        this.nodes = informers.of(Node.class);
        this.controller = new Controller<>("endpointslice", timers, workers, this::reconcile);
        this.slices = informers.of(EndpointSlice.class).index(BY_SERVICE, EndpointSliceController::serviceOf);
        this.serviceQueue = new ServiceQueue(services, informers.of(Pod.class), controller.queue());
        serviceQueue.connect();
        slices.onChange(new SliceHandler());
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

    private static List<String> serviceOf(EndpointSlice slice) {
        var labels = slice.getMetadata().getLabels();
        if (labels == null
                || !SlicePlan.MANAGER.equals(labels.get(SlicePlan.MANAGED_BY))
                || labels.get(SlicePlan.SERVICE_NAME) == null) {
            return List.of();
        }
        return List.of(slice.getMetadata().getNamespace() + "/" + labels.get(SlicePlan.SERVICE_NAME));
    }

    /** Puts right what somebody else did to a slice. */
    private final class SliceHandler implements Informer.Handler<EndpointSlice> {
        @Override
        public void added(EndpointSlice slice) {
            enqueue(slice);
        }

        @Override
        public void updated(EndpointSlice before, EndpointSlice slice) {
            enqueue(before);
            enqueue(slice);
        }

        @Override
        public void deleted(EndpointSlice slice) {
            serviceOf(slice).forEach(name -> written.remove(key(name), slice));
            enqueue(slice);
        }

        private void enqueue(EndpointSlice slice) {
            serviceOf(slice).forEach(name -> controller.queue().add(key(name)));
        }

        private ObjectKey key(String name) {
            int slash = name.indexOf('/');
            return new ObjectKey(name.substring(0, slash), name.substring(slash + 1));
        }
    }

    private Result reconcile(ObjectKey key) {
        var service = services.get(key);
        if (service == null || service.getMetadata().getDeletionTimestamp() != null) {
            written.forget(key);
            return Result.done(); // the slices go with their owner
        }
        if (!ServiceQueue.isManaged(service)) {
            return Result.done();
        }
        var existing = written.current(key, slices.indexed(BY_SERVICE, key.toString()), () -> live(key));
        var selected = serviceQueue.selected(service);
        var types = addressTypes(service);
        for (var type : types) {
            var ofType = existing.stream()
                    .filter(s ->
                            type.equals(s.getAddressType()) && s.getMetadata().getDeletionTimestamp() == null)
                    .toList();
            var backends = Backends.of(service, selected, name -> nodes.get("", name), type);
            apply(key, SlicePlan.decide(service, type, ofType, backends, triggerTime()));
        }
        existing.stream().filter(s -> !types.contains(s.getAddressType())).forEach(s -> delete(key, s));
        return Result.done();
    }

    private List<EndpointSlice> live(ObjectKey key) {
        return client.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(key.namespace())
                .withLabels(Map.of(SlicePlan.SERVICE_NAME, key.name(), SlicePlan.MANAGED_BY, SlicePlan.MANAGER))
                .list()
                .getItems();
    }

    private String triggerTime() {
        return timers.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static List<String> addressTypes(Service service) {
        var families = service.getSpec().getIpFamilies();
        return families.isEmpty() ? List.of("IPv4") : List.copyOf(families);
    }

    private void apply(ObjectKey key, SlicePlan.Result plan) {
        try {
            plan.create().forEach(s -> written.put(key, client.resource(s).create()));
            plan.update().forEach(s -> written.put(key, client.resource(s).update()));
            plan.delete().forEach(s -> delete(key, s));
        } catch (RuntimeException e) {
            written.outcomeUnknown(key);
            throw e;
        }
    }

    private void delete(ObjectKey key, EndpointSlice slice) {
        client.resource(Objects.requireNonNull(slice)).delete();
        written.remove(key, slice);
    }
}
