package dev.sampan.controllers.replicaset;

import dev.sampan.client.Controller;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Timers;
import dev.sampan.controllers.pods.Bursts;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Keeps the pods of ReplicaSets, or of ReplicationControllers. */
public final class ReplicaSetController implements AutoCloseable {

    private final ReplicationLoop<?> loop;

    private ReplicaSetController(ReplicationLoop<?> loop) {
        this.loop = loop;
    }

    public static ReplicaSetController replicaSets(
            KubernetesClient client, Informers informers, Timers timers, int workers, Bursts bursts) {
        var kind = new ReplicaSets(client, informers.of(ReplicaSet.class));
        return new ReplicaSetController(
                new ReplicationLoop<>(client, informers, timers, workers, bursts, kind, "replicaset-controller"));
    }

    public static ReplicaSetController replicationControllers(
            KubernetesClient client, Informers informers, Timers timers, int workers, Bursts bursts) {
        var kind = new ReplicationControllers(client, informers.of(ReplicationController.class));
        return new ReplicaSetController(
                new ReplicationLoop<>(client, informers, timers, workers, bursts, kind, "replication-controller"));
    }

    /** Stepped by a test instead of by {@link #start}. */
    public Controller<ObjectKey> controller() {
        return loop.controller();
    }

    public void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }
}
