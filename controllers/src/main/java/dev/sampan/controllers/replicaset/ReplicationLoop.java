package dev.sampan.controllers.replicaset;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.ownership.Claims;
import dev.sampan.controllers.ownership.Owners;
import dev.sampan.controllers.pods.Bursts;
import dev.sampan.controllers.pods.Expectations;
import dev.sampan.controllers.pods.PodControl;
import dev.sampan.controllers.pods.PodTemplates;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps pods for one kind of owner. The expectations are its own; everything else it reads from caches. */
final class ReplicationLoop<T extends HasMetadata> implements AutoCloseable {

    static final String BY_CONTROLLER = "controller-uid";

    private final KubernetesClient client;
    private final Timers timers;
    private final ReplicaKind<T> kind;
    private final Events events;
    private final PodControl podControl;
    private final Bursts bursts;
    private final Expectations expectations;
    private final Informer<Pod> pods;
    private final Controller<ObjectKey> controller;

    ReplicationLoop(
            KubernetesClient client,
            Informers informers,
            Timers timers,
            int workers,
            Bursts bursts,
            ReplicaKind<T> kind,
            String component) {
        this.client = client;
        this.timers = timers;
        this.kind = kind;
        this.bursts = bursts;
        this.events = new Events(client, component, timers);
        this.podControl = new PodControl(client, events);
        this.expectations = new Expectations(timers);
        this.controller = new Controller<>(component, timers, workers, this::reconcile);
        this.pods = informers.of(Pod.class).index(BY_CONTROLLER, Owners::controllerUid);
        kind.informer().onAnyChange(owner -> controller.queue().add(ObjectKey.of(owner)));
        pods.onChange(new PodHandler());
    }

    Controller<ObjectKey> controller() {
        return controller;
    }

    void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
        events.close();
    }

    private final class PodHandler implements Informer.Handler<Pod> {
        @Override
        public void added(Pod pod) {
            if (Pods.isTerminating(pod)) {
                deleted(pod);
                return;
            }
            var reference = Owners.controllerOf(pod);
            if (reference == null) {
                enqueueAdopters(pod);
                return;
            }
            var owner = resolve(pod, reference);
            if (owner != null) {
                expectations.created(ObjectKey.of(owner));
                controller.queue().add(ObjectKey.of(owner));
            }
        }

        @Override
        public void updated(Pod before, Pod pod) {
            if (Pods.isTerminating(pod)) {
                deleted(pod);
                return;
            }
            var reference = Owners.controllerOf(pod);
            var referenceBefore = Owners.controllerOf(before);
            if (referenceBefore != null && !referenceBefore.equals(reference)) {
                enqueueOwner(before, referenceBefore);
            }
            if (reference != null) {
                enqueueOwner(pod, reference);
            } else if (referenceBefore != null || !Selectors.labels(before).equals(Selectors.labels(pod))) {
                enqueueAdopters(pod);
            }
        }

        @Override
        public void deleted(Pod pod) {
            var reference = Owners.controllerOf(pod);
            var owner = reference == null ? null : resolve(pod, reference);
            if (owner != null) {
                expectations.deleted(ObjectKey.of(owner), pod.getMetadata().getUid());
                controller.queue().add(ObjectKey.of(owner));
            }
        }
    }

    private void enqueueOwner(Pod pod, OwnerReference reference) {
        var owner = resolve(pod, reference);
        if (owner != null) {
            controller.queue().add(ObjectKey.of(owner));
        }
    }

    private @Nullable T resolve(Pod pod, OwnerReference reference) {
        if (!kind.kind().equals(reference.getKind())) {
            return null;
        }
        var owner = kind.informer().get(pod.getMetadata().getNamespace(), reference.getName());
        return owner != null && Objects.equals(owner.getMetadata().getUid(), reference.getUid()) ? owner : null;
    }

    private void enqueueAdopters(Pod pod) {
        for (var owner : kind.informer().list(pod.getMetadata().getNamespace())) {
            if (kind.spec(owner).selector().test(Selectors.labels(pod))) {
                controller.queue().add(ObjectKey.of(owner));
            }
        }
    }

    private Result reconcile(ObjectKey key) {
        var owner = kind.informer().get(key);
        if (owner == null) {
            expectations.forget(key);
            return Result.done();
        }
        boolean current = expectations.satisfied(key);
        var spec = kind.spec(owner);
        var active = claim(owner, spec);
        RuntimeException failure = null;
        Replication.Failure reported = null;
        if (current && owner.getMetadata().getDeletionTimestamp() == null) {
            var decision = Replication.decide(spec.replicas(), active, related(owner, active), timers.instant());
            failure = apply(key, owner, spec, decision);
            reported = failure == null
                    ? null
                    : new Replication.Failure(
                            decision.create() > 0 ? "FailedCreate" : "FailedDelete", describe(failure));
        } else if (!current) {
            reported = kind.status(owner).conditions().stream()
                    .findFirst()
                    .map(c -> new Replication.Failure(c.reason(), c.message()))
                    .orElse(null);
        }
        updateStatus(owner, spec, active, expectations.pendingCreations(key), reported);
        if (failure != null) {
            throw failure;
        }
        if (!expectations.satisfied(key)) {
            return Result.again(expectations.untilTimeout(key));
        }
        var next = Replication.untilNextAvailable(active, spec.minReadySeconds(), timers.instant());
        return next == null ? Result.done() : Result.again(next);
    }

    private List<Pod> claim(T owner, ReplicaKind.Spec spec) {
        var candidates = pods.list(owner.getMetadata().getNamespace()).stream()
                .filter(p -> Pods.isActive(p)
                        && !expectations.isDeleting(
                                ObjectKey.of(owner), p.getMetadata().getUid()))
                .toList();
        var decision = Claims.decide(owner, spec.selector(), candidates, p -> true);
        return Claims.apply(
                owner, decision, client.pods(), client.getKubernetesSerialization(), () -> kind.live(owner));
    }

    /** Active pods of the owner and of its siblings under the same controller. */
    private List<Pod> related(T owner, List<Pod> active) {
        var parent = Owners.controllerOf(owner);
        if (parent == null) {
            return active;
        }
        var related = new ArrayList<Pod>();
        for (var sibling : kind.informer().list(owner.getMetadata().getNamespace())) {
            var reference = Owners.controllerOf(sibling);
            if (reference != null && reference.getUid().equals(parent.getUid())) {
                pods.indexed(BY_CONTROLLER, sibling.getMetadata().getUid()).stream()
                        .filter(Pods::isActive)
                        .forEach(related::add);
            }
        }
        return related;
    }

    /** The first failure; null when all went well. */
    private @Nullable RuntimeException apply(
            ObjectKey key, T owner, ReplicaKind.Spec spec, Replication.Decision decision) {
        if (decision.create() > 0) {
            return create(key, owner, spec, decision.create());
        }
        return decision.delete().isEmpty() ? null : delete(key, owner, decision.delete());
    }

    private @Nullable RuntimeException create(ObjectKey key, T owner, ReplicaKind.Spec spec, int count) {
        expectations.expectCreations(key, count);
        var pod = PodTemplates.generated(
                spec.template(), owner, owner.getMetadata().getName() + "-");
        var outcome = bursts.slowStart(count, i -> podControl.create(pod, owner));
        for (int i = outcome.done(); i < count; i++) {
            expectations.created(key); // it will not come
        }
        boolean leaving =
                outcome.failure() instanceof KubernetesClientException e && PodControl.isNamespaceTerminating(e);
        return leaving ? null : outcome.failure();
    }

    private @Nullable RuntimeException delete(ObjectKey key, T owner, List<Pod> victims) {
        expectations.expectDeletions(
                key, victims.stream().map(p -> p.getMetadata().getUid()).toList());
        return bursts.all(victims.size(), i -> {
                    try {
                        podControl.delete(victims.get(i), owner);
                    } catch (RuntimeException e) {
                        expectations.deleted(key, victims.get(i).getMetadata().getUid());
                        throw e;
                    }
                })
                .failure();
    }

    private static String describe(RuntimeException failure) {
        return failure instanceof KubernetesClientException e ? PodControl.reason(e) : String.valueOf(failure);
    }

    private void updateStatus(
            T owner, ReplicaKind.Spec spec, List<Pod> active, int unseen, Replication.@Nullable Failure failure) {
        var before = kind.status(owner);
        long generation = owner.getMetadata().getGeneration();
        var after = Replication.status(spec, before, active, unseen, generation, failure, timers.instant());
        if (!after.equals(before)) {
            kind.updateStatus(owner, after);
        }
    }
}
