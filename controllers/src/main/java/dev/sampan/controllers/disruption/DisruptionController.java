package dev.sampan.controllers.disruption;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.selection.SelectedPods;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/** Keeps the status of PodDisruptionBudgets, by which evictions are let through. */
public final class DisruptionController implements AutoCloseable {

    private final KubernetesClient client;
    private final Timers timers;
    private final Informer<PodDisruptionBudget> budgets;
    private final Informer<Pod> pods;
    private final ExpectedPods expected;
    private final Events events;
    private final Controller<ObjectKey> controller;

    public DisruptionController(KubernetesClient client, Informers informers, Timers timers, int workers) {
        this.client = client;
        this.timers = timers;
        this.budgets = informers.of(PodDisruptionBudget.class);
        this.pods = informers.of(Pod.class);
        this.expected = new ExpectedPods(client, informers);
        this.events = new Events(client, "controllermanager", timers);
        this.controller = new Controller<>("disruption", timers, workers, this::reconcile);
        budgets.onAnyChange(budget -> controller.queue().add(ObjectKey.of(budget)));
        informers
                .of(Deployment.class)
                .onAnyChange(deployment -> budgets.list(deployment.getMetadata().getNamespace())
                        .forEach(budget -> controller.queue().add(ObjectKey.of(budget))));
        pods.onChange(new SelectedPods(DisruptionController::shown, this::enqueue));
    }

    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
        events.close();
    }

    private static List<Boolean> shown(Pod pod) {
        return List.of(Pods.isReady(pod), Pods.isTerminating(pod));
    }

    private void enqueue(String namespace, Map<String, String> labels) {
        for (var budget : budgets.list(namespace)) {
            if (Selectors.matching(budget.getSpec().getSelector()).test(labels)) {
                controller.queue().add(ObjectKey.of(budget));
            }
        }
    }

    private Result reconcile(ObjectKey key) {
        var budget = budgets.get(key);
        if (budget == null || budget.getMetadata().getDeletionTimestamp() != null) {
            return Result.done();
        }
        var status = status(budget, selected(budget));
        if (!status.equals(budget.getStatus())) {
            write(budget, status);
        }
        return waitsForEvictions(status) ? Result.again(Budget.EVICTION_TIMEOUT) : Result.done();
    }

    private static boolean waitsForEvictions(PodDisruptionBudgetStatus status) {
        return status.getDisruptedPods() != null && !status.getDisruptedPods().isEmpty();
    }

    private List<Pod> selected(PodDisruptionBudget budget) {
        var matching = Selectors.matching(budget.getSpec().getSelector());
        return pods.list(budget.getMetadata().getNamespace()).stream()
                .filter(pod -> matching.test(Selectors.labels(pod)))
                .toList();
    }

    private PodDisruptionBudgetStatus status(PodDisruptionBudget budget, List<Pod> selected) {
        try {
            int scale = Budget.needsScale(budget)
                    ? expected.count(budget.getMetadata().getNamespace(), selected)
                    : 0;
            return Budget.decide(budget, selected, scale, timers.instant());
        } catch (ExpectedPods.Unknown e) {
            var why = "Failed to calculate the number of expected pods: " + e.getMessage();
            events.warning(budget, "CalculateExpectedPodCountFailed", why);
            return Budget.unknown(budget, why, timers.instant());
        }
    }

    /** Fails on a conflict, so that an eviction that was let through meanwhile is not undone. */
    private void write(PodDisruptionBudget budget, PodDisruptionBudgetStatus status) {
        client.resource(new PodDisruptionBudgetBuilder(budget)
                        .withStatus(status)
                        .build())
                .updateStatus();
    }
}
