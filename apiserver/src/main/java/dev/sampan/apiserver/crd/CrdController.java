package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.registry.Meta;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.ServedTypes;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves what definitions define. Level-triggered by the definition's name on one thread of its own, which owns what is
 * served for whom. A definition becomes Established only after its types are served, so that whoever waits for the
 * condition never meets a 404.
 */
public final class CrdController implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CrdController.class);
    private static final String STOP = "";

    /** What is served for a definition: as long as its specification stays the same, nothing is done again. */
    private record Serving(GroupResource resource, JsonNode spec, List<String> storedVersions) {}

    private final Objects objects;
    private final ServedTypes types;
    private final Consumer<GroupResource> onChange;
    private final InstantSource clock;
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    private final Map<String, Serving> serving = new HashMap<>();
    private final Map<String, AutoCloseable> instances = new HashMap<>();
    private final Thread worker;
    private @Nullable AutoCloseable following;

    /** @param onChange told of resources whose types changed or are no longer served, to end their watches */
    public CrdController(Objects objects, ServedTypes types, Consumer<GroupResource> onChange, InstantSource clock) {
        this.objects = objects;
        this.types = types;
        this.onChange = onChange;
        this.clock = clock;
        this.worker = Thread.ofVirtual().name("crd-controller").unstarted(this::run);
    }

    /** Serves what is defined already, then goes on in the background. */
    public void start() {
        following = objects.follow(Crd.RESOURCE, (before, after) -> {
            var changed = after == null ? before : after;
            if (changed != null) {
                queue.add(Meta.name(changed));
            }
        });
        for (var name = queue.poll(); name != null; name = queue.poll()) {
            reconcile(name);
        }
        worker.start();
    }

    private void run() {
        try {
            for (var name = queue.take(); !name.equals(STOP); name = queue.take()) {
                reconcile(name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reconcile(String name) {
        try {
            var object = objects.get(Crd.RESOURCE, "", name);
            if (object == null) {
                withdraw(name);
            } else if (new Crd(object).deleting()) {
                cleanUp(new Crd(object));
            } else {
                establish(new Crd(object));
            }
        } catch (ApiException e) {
            log.warn("CustomResourceDefinition {} could not be reconciled: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            log.error("CustomResourceDefinition {} could not be reconciled", name, e);
        }
    }

    private void establish(Crd crd) {
        var all = objects.list(Crd.RESOURCE, "").stream().map(Crd::new).toList();
        var conflict = NameConflicts.find(crd, all);
        if (conflict == null) {
            serve(crd);
        }
        var settled = CrdStatus.settled(crd.object(), conflict, clock.instant());
        if (!settled.equals(crd.object())) {
            objects.modify(
                    Crd.RESOURCE, "", crd.name(), latest -> CrdStatus.settled(latest, conflict, clock.instant()));
        }
    }

    private void serve(Crd crd) {
        var wanted = new Serving(crd.defined(), crd.spec(), crd.storedVersions());
        var present = serving.get(crd.name());
        if (wanted.equals(present)) {
            return;
        }
        types.serve(crd.defined(), CustomTypes.of(crd, objects));
        serving.put(crd.name(), wanted);
        if (present != null) {
            onChange.accept(present.resource());
        }
    }

    private void withdraw(String name) {
        var present = serving.remove(name);
        if (present != null) {
            types.withdraw(present.resource());
            onChange.accept(present.resource());
        }
        close(instances.remove(name));
        // Its names are free now: others may have waited for them.
        for (var other : objects.list(Crd.RESOURCE, "")) {
            if (!new Crd(other).is("NamesAccepted")) {
                queue.add(Meta.name(other));
            }
        }
    }

    /** Deletes the instances; once the last one is gone, lets go of the definition. */
    private void cleanUp(Crd crd) {
        if (!Meta.finalizers(crd.object()).contains(Crd.CLEANUP)) {
            return;
        }
        var resource = crd.defined();
        if (!serving.containsKey(crd.name()) && crd.is("Established")) {
            serve(crd);
        }
        var served = types.table().stored(resource);
        if (served != null && serving.containsKey(crd.name())) {
            instances.computeIfAbsent(
                    crd.name(),
                    name -> objects.follow(resource, (before, after) -> {
                        if (after == null) {
                            queue.add(name);
                        }
                    }));
            deleteInstances(served);
            if (!objects.list(resource, "").isEmpty()) {
                return;
            }
        }
        objects.modify(Crd.RESOURCE, "", crd.name(), this::released);
    }

    private void deleteInstances(ServedType served) {
        for (var instance : objects.list(served.resource(), "")) {
            if (!Meta.deleting(instance)) {
                objects.delete(served.resource(), Meta.namespace(instance), Meta.name(instance));
            }
        }
    }

    private ObjectNode released(ObjectNode crd) {
        var finalizers = Meta.finalizers(crd);
        finalizers.remove(Crd.CLEANUP);
        Meta.setFinalizers(crd, finalizers);
        CrdStatus.terminating(crd, "False", "InstanceDeletionCompleted", "removed all instances", clock.instant());
        return crd;
    }

    @Override
    public void close() {
        close(following);
        instances.values().forEach(CrdController::close);
        queue.add(STOP);
    }

    private static void close(@Nullable AutoCloseable closeable) {
        if (closeable == null) {
            return;
        }
        try {
            closeable.close();
        } catch (Exception e) {
            log.warn("a watch of the CRD controller did not close", e);
        }
    }
}
