package dev.sampan.controllers.deployment;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.consistency.Written;
import dev.sampan.controllers.ownership.Claims;
import dev.sampan.controllers.ownership.Owners;
import dev.sampan.controllers.pods.PodControl;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.pods.TemplateHash;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches deployments, their ReplicaSets and pods, and applies what {@link Rollout} decides. */
public final class DeploymentController implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeploymentController.class);
    private static final int CONFLICT = 409;
    private static final String KIND = "Deployment";
    private static final String REPLICA_SET = "ReplicaSet";

    private final KubernetesClient client;
    private final Timers timers;
    private final Events events;
    private final TemplateHash hash;
    private final Informer<Deployment> deployments;
    private final Informer<ReplicaSet> replicaSets;
    private final Informer<Pod> pods;
    private final Controller<ObjectKey> controller;
    private final Written written = new Written();

    public DeploymentController(KubernetesClient client, Informers informers, Timers timers, int workers) {
        this.client = client;
        this.timers = timers;
        this.events = new Events(client, "deployment-controller", timers);
        this.hash = new TemplateHash(client.getKubernetesSerialization());
        this.deployments = informers.of(Deployment.class);
        this.replicaSets = informers.of(ReplicaSet.class);
        this.pods = informers.of(Pod.class);
        this.controller = new Controller<>("deployment", timers, workers, this::reconcile);
        deployments.onAnyChange(d -> controller.queue().add(ObjectKey.of(d)));
        replicaSets.onChange(new ReplicaSetHandler());
        pods.onChange(new PodHandler());
    }

    /** Steps by a test instead of by {@link #start}. */
    public Controller<ObjectKey> controller() {
        return controller;
    }

    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
        events.close();
    }

    private void enqueueOwner(ReplicaSet replicaSet) {
        var owner = Owners.controllerOf(replicaSet);
        if (owner != null) {
            if (KIND.equals(owner.getKind())) {
                controller.queue().add(new ObjectKey(replicaSet.getMetadata().getNamespace(), owner.getName()));
            }
            return;
        }
        for (var deployment : deployments.list(replicaSet.getMetadata().getNamespace())) {
            if (Selectors.matching(deployment.getSpec().getSelector()).test(Selectors.labels(replicaSet))) {
                controller.queue().add(ObjectKey.of(deployment));
            }
        }
    }

    private final class ReplicaSetHandler implements Informer.Handler<ReplicaSet> {
        @Override
        public void added(ReplicaSet replicaSet) {
            enqueueOwner(replicaSet);
        }

        @Override
        public void updated(ReplicaSet before, ReplicaSet replicaSet) {
            enqueueOwner(replicaSet);
            if (Owners.controllerOf(before) != null
                    && !Objects.equals(Owners.controllerOf(before), Owners.controllerOf(replicaSet))) {
                enqueueOwner(before);
            }
        }

        @Override
        public void deleted(ReplicaSet replicaSet) {
            var owner = Owners.controllerOf(replicaSet);
            if (owner != null && KIND.equals(owner.getKind())) {
                written.remove(new ObjectKey(replicaSet.getMetadata().getNamespace(), owner.getName()), replicaSet);
            }
            enqueueOwner(replicaSet);
        }
    }

    /** Only the disappearance of a pod matters, to a Recreate that waits for it. */
    private final class PodHandler implements Informer.Handler<Pod> {
        @Override
        public void added(Pod pod) {
            // a ReplicaSet's status tells
        }

        @Override
        public void updated(Pod before, Pod pod) {
            // a ReplicaSet's status tells, except for the end of a pod
            if (Pods.isTerminal(pod) && !Pods.isTerminal(before)) {
                deleted(pod);
            }
        }

        @Override
        public void deleted(Pod pod) {
            var owner = Owners.controllerOf(pod);
            if (owner == null || !REPLICA_SET.equals(owner.getKind())) {
                return;
            }
            var replicaSet = replicaSets.get(pod.getMetadata().getNamespace(), owner.getName());
            var parent = replicaSet == null ? null : Owners.controllerOf(replicaSet);
            var deployment = parent == null || !KIND.equals(parent.getKind())
                    ? null
                    : deployments.get(pod.getMetadata().getNamespace(), parent.getName());
            if (deployment != null && !Sizes.isRolling(deployment)) {
                controller.queue().add(ObjectKey.of(deployment));
            }
        }
    }

    private Result reconcile(ObjectKey key) {
        var deployment = deployments.get(key);
        if (deployment == null) {
            written.forget(key);
            return Result.done();
        }
        if (Selectors.isEmpty(deployment.getSpec().getSelector())) {
            events.warning(
                    deployment,
                    "SelectingAll",
                    "This deployment is selecting all pods. A non-empty selector is required.");
            return Result.done();
        }
        var matching = Selectors.matching(deployment.getSpec().getSelector());
        var selected = pods.list(key.namespace()).stream()
                .filter(p -> matching.test(Selectors.labels(p)))
                .toList();
        try {
            return apply(deployment, Rollout.decide(deployment, claim(deployment), selected, hash, timers.instant()));
        } catch (RuntimeException e) {
            written.outcomeUnknown(key);
            throw e;
        }
    }

    private List<ReplicaSet> claim(Deployment deployment) {
        var metadata = deployment.getMetadata();
        var decision = Claims.decide(
                deployment, Selectors.matching(deployment.getSpec().getSelector()), candidates(deployment), rs -> true);
        return Claims.apply(
                deployment,
                decision,
                client.apps().replicaSets(),
                client.getKubernetesSerialization(),
                () -> client.apps()
                        .deployments()
                        .inNamespace(metadata.getNamespace())
                        .withName(metadata.getName())
                        .get());
    }

    private List<ReplicaSet> candidates(Deployment deployment) {
        var namespace = deployment.getMetadata().getNamespace();
        return written.current(
                ObjectKey.of(deployment),
                replicaSets.list(namespace),
                () -> client.apps()
                        .replicaSets()
                        .inNamespace(namespace)
                        .withLabelSelector(deployment.getSpec().getSelector())
                        .list()
                        .getItems());
    }

    private Result apply(Deployment deployment, List<Change> changes) {
        var current = deployment;
        Duration later = null;
        for (var change : changes) {
            switch (change) {
                case Change.CreateReplicaSet(var replicaSet) -> create(current, replicaSet);
                case Change.UpdateReplicaSet(var replicaSet) ->
                    written.put(
                            ObjectKey.of(current), client.resource(replicaSet).update());
                case Change.DeleteReplicaSet(var replicaSet) -> delete(replicaSet);
                case Change.SetRevision(var revision) -> current = setRevision(current, revision);
                case Change.UpdateStatus(var status) -> current = updateStatus(current, status);
                case Change.Tell(var reason, var message) -> events.normal(current, reason, message);
                case Change.LookAgain(var after) -> later = after;
            }
        }
        return later == null ? Result.done() : Result.again(later);
    }

    private void delete(ReplicaSet replicaSet) {
        LOG.debug("deleting old {} of revision {}", replicaSet.getMetadata().getName(), Revisions.of(replicaSet));
        client.resource(replicaSet).delete();
    }

    private Deployment setRevision(Deployment deployment, String revision) {
        var metadata = deployment.getMetadata();
        var patch = client.getKubernetesSerialization()
                .asJson(Map.of(
                        "metadata",
                        Map.of(
                                "resourceVersion",
                                metadata.getResourceVersion(),
                                "annotations",
                                Map.of(Revisions.REVISION, revision))));
        return client.apps()
                .deployments()
                .inNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private Deployment updateStatus(Deployment deployment, DeploymentStatus status) {
        return client.resource(
                        new DeploymentBuilder(deployment).withStatus(status).build())
                .updateStatus();
    }

    /**
     * Creates a ReplicaSet. One of the same name is ours when the cache is behind; when it belongs to another template,
     * the hash collides and the next pass tries another one.
     */
    private void create(Deployment deployment, ReplicaSet replicaSet) {
        try {
            written.put(ObjectKey.of(deployment), client.resource(replicaSet).create());
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT) {
                resolveCollision(deployment, replicaSet);
            } else if (!PodControl.isNamespaceTerminating(e)) {
                reportFailure(deployment, replicaSet, e);
            }
            throw e;
        }
    }

    private void resolveCollision(Deployment deployment, ReplicaSet wanted) {
        var existing = client.apps()
                .replicaSets()
                .inNamespace(wanted.getMetadata().getNamespace())
                .withName(wanted.getMetadata().getName())
                .get();
        if (existing == null || (Owners.isControlledBy(existing, deployment) && sameTemplate(existing, wanted))) {
            return;
        }
        var status = status(deployment);
        int collisions = Sizes.or(status.getCollisionCount(), 0) + 1;
        LOG.info("hash collision of {}, {} so far", wanted.getMetadata().getName(), collisions);
        status.setCollisionCount(collisions);
        updateStatus(deployment, status);
    }

    private boolean sameTemplate(ReplicaSet left, ReplicaSet right) {
        return hash.same(left.getSpec().getTemplate(), right.getSpec().getTemplate());
    }

    private void reportFailure(Deployment deployment, ReplicaSet replicaSet, KubernetesClientException e) {
        var message = "Failed to create new replica set \""
                + replicaSet.getMetadata().getName() + "\": " + PodControl.reason(e);
        if (Statuses.hasDeadline(deployment)) {
            var status = status(deployment);
            var conditions = new Conditions(status.getConditions(), timers.instant());
            conditions.set(Conditions.PROGRESSING, "False", "ReplicaSetCreateError", message);
            status.setConditions(conditions.list());
            updateStatus(deployment, status);
        }
        events.warning(deployment, "ReplicaSetCreateError", message);
    }

    private static DeploymentStatus status(Deployment deployment) {
        var copy = new DeploymentBuilder(deployment).build().getStatus();
        return copy == null ? new DeploymentStatus() : copy;
    }
}
