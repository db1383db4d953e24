package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A pod's quality-of-service class, by Kubernetes' rules over cpu and memory. */
final class QosClass {

    private static final List<String> COUNTED = List.of("cpu", "memory");

    private QosClass() {}

    static String of(Pod pod) {
        var resources = Stream.concat(
                        pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
                .map(container -> container.getResources())
                .toList();
        boolean any = resources.stream().anyMatch(r -> r != null && (counts(r.getRequests()) || counts(r.getLimits())));
        if (!any) {
            return "BestEffort";
        }
        boolean guaranteed = resources.stream()
                .allMatch(r -> r != null
                        && COUNTED.stream()
                                .allMatch(name -> r.getLimits() != null
                                        && r.getLimits().containsKey(name)
                                        && (r.getRequests() == null
                                                || !r.getRequests().containsKey(name)
                                                || same(
                                                        r.getRequests().get(name),
                                                        r.getLimits().get(name)))));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static boolean counts(Map<String, Quantity> amounts) {
        return amounts != null && COUNTED.stream().anyMatch(amounts::containsKey);
    }

    private static boolean same(Quantity a, Quantity b) {
        return Quantity.getAmountInBytes(a).compareTo(Quantity.getAmountInBytes(b)) == 0;
    }
}
