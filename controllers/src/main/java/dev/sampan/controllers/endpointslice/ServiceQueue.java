package dev.sampan.controllers.endpointslice;

import dev.sampan.client.Informer;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.WorkQueue;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.selection.SelectedPods;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Puts a Service into a queue when it or a pod that it selects changes in a way that endpoints show. */
final class ServiceQueue {

    private final Informer<Service> services;
    private final Informer<Pod> pods;
    private final WorkQueue<ObjectKey> queue;

    ServiceQueue(Informer<Service> services, Informer<Pod> pods, WorkQueue<ObjectKey> queue) {
        this.services = services;
        this.pods = pods;
        this.queue = queue;
    }

    void connect() {
        services.onAnyChange(service -> queue.add(ObjectKey.of(service)));
        pods.onChange(new SelectedPods(ServiceQueue::visible, this::enqueue));
    }

    private static List<Object> visible(Pod pod) {
        return List.of(
                Pods.isReady(pod),
                Pods.isTerminating(pod),
                Pods.isTerminal(pod),
                pod.getStatus() == null ? List.of() : pod.getStatus().getPodIPs(),
                pod.getStatus() == null
                        ? ""
                        : Objects.requireNonNullElse(pod.getStatus().getPodIP(), ""),
                Objects.requireNonNullElse(pod.getSpec().getNodeName(), ""));
    }

    private void enqueue(String namespace, Map<String, String> labels) {
        for (var service : services.list(namespace)) {
            if (Selectors.matching(service.getSpec().getSelector()).test(labels)) {
                queue.add(ObjectKey.of(service));
            }
        }
    }

    /** The pods that a Service selects. */
    List<Pod> selected(Service service) {
        var matching = Selectors.matching(service.getSpec().getSelector());
        return pods.list(service.getMetadata().getNamespace()).stream()
                .filter(p -> matching.test(Selectors.labels(p)))
                .sorted(java.util.Comparator.comparing(p -> p.getMetadata().getName()))
                .toList();
    }

    /** Services without a selector have endpoints made by somebody else; external names have none. */
    static boolean isManaged(Service service) {
        return service.getSpec().getSelector() != null
                && !service.getSpec().getSelector().isEmpty()
                && !"ExternalName".equals(service.getSpec().getType());
    }
}
