package dev.sampan.scheduler.snapshot;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a pod asks of a node: the sum over its containers and sidecars, or the largest moment of its initialisation if
 * that is more, plus overhead. Kubernetes KEP-753 (sidecars) and KEP-2837 (pod-level resources) define the arithmetic.
 */
final class PodRequests {

    /** Assumed for scoring when a container requests no CPU or memory, so that idle-looking pods spread too. */
    private static final long DEFAULT_MILLI_CPU = 100;

    private static final long DEFAULT_MEMORY = 200L * 1024 * 1024;

    private PodRequests() {}

    static Resources of(PodSpec spec) {
        return total(spec, PodRequests::requested);
    }

    /** As {@link #of}, with a container's missing CPU and memory requests replaced by small defaults. */
    static Resources forScoring(PodSpec spec) {
        return total(spec, PodRequests::requestedOrDefault);
    }

    private static Resources total(PodSpec spec, Function<Container, Resources> requests) {
        Resources running = Resources.NONE;
        for (Container container : orEmpty(spec.getContainers())) {
            running = running.plus(requests.apply(container));
        }
        Resources sidecars = Resources.NONE;
        Resources initPeak = Resources.NONE;
        for (Container container : orEmpty(spec.getInitContainers())) {
            Resources request = requests.apply(container);
            if ("Always".equals(container.getRestartPolicy())) {
                sidecars = sidecars.plus(request);
                initPeak = initPeak.max(sidecars);
            } else {
                initPeak = initPeak.max(sidecars.plus(request));
            }
        }
        Resources result = running.plus(sidecars).max(initPeak);
        if (spec.getResources() != null && spec.getResources().getRequests() != null) {
            result = result.overriddenBy(spec.getResources().getRequests());
        }
        return result.plus(Resources.of(spec.getOverhead()));
    }

    private static Resources requested(Container container) {
        ResourceRequirements resources = container.getResources();
        return resources == null ? Resources.NONE : Resources.of(resources.getRequests());
    }

    private static Resources requestedOrDefault(Container container) {
        ResourceRequirements resources = container.getResources();
        Map<String, Quantity> list = resources == null ? null : resources.getRequests();
        Resources known = Resources.of(list);
        return new Resources(
                list != null && list.containsKey("cpu") ? known.milliCpu() : DEFAULT_MILLI_CPU,
                list != null && list.containsKey("memory") ? known.memory() : DEFAULT_MEMORY,
                known.ephemeralStorage(),
                known.extended());
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
