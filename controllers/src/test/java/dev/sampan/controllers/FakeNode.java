package dev.sampan.controllers;

import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Stands in for scheduler and node: pods are bound, run at once, and end as a function of the pod says. */
final class FakeNode implements AutoCloseable {

    private final KubernetesClient client;
    private final Timers timers;
    private final Informers informers;
    private final dev.sampan.client.Informer<Pod> pods;
    private final dev.sampan.client.Controller<ObjectKey> controller;
    private final AtomicInteger nextAddress = new AtomicInteger(1);
    private final Function<Pod, String> phase;

    /** @param phase {@code Running}, {@code Succeeded} or {@code Failed} for a pod that has started */
    FakeNode(KubernetesClient client, Timers timers, Function<Pod, String> phase) {
        this.client = client;
        this.timers = timers;
        this.phase = phase;
        this.informers = Informers.over(client);
        this.pods = informers.of(Pod.class);
        this.controller = new dev.sampan.client.Controller<>("fake-node", timers, 4, this::reconcile);
        pods.onAnyChange(pod -> controller.queue().add(ObjectKey.of(pod)));
    }

    void start() {
        informers.start();
        controller.start();
    }

    private Result reconcile(ObjectKey key) {
        var pod = pods.get(key);
        if (pod == null) {
            return Result.done();
        }
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            client.pods()
                    .inNamespace(key.namespace())
                    .withName(key.name())
                    .withGracePeriod(0)
                    .delete();
            return Result.done();
        }
        var wanted = phase.apply(pod);
        if (pod.getStatus() != null && wanted.equals(pod.getStatus().getPhase())) {
            return Result.done();
        }
        boolean running = wanted.equals("Running");
        var ip = "127.10.0." + nextAddress.getAndIncrement();
        var now = timers.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        client.resource(new PodBuilder(pod)
                        .editOrNewStatus()
                        .withPhase(wanted)
                        .withPodIP(ip)
                        .addNewPodIP(ip)
                        .withStartTime(now)
                        .withConditions()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(running ? "True" : "False")
                        .withLastTransitionTime(now)
                        .endCondition()
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName("c")
                                .withReady(running)
                                .withRestartCount(0)
                                .withImage("i")
                                .withImageID("")
                                .build())
                        .endStatus()
                        .build())
                .updateStatus();
        return Result.done();
    }

    @Override
    public void close() {
        controller.close();
        informers.close();
    }
}
