package dev.sampan.node.pod;

import dev.sampan.client.Events;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;

/** Events about pods and, by field path, their containers. */
record RecordedEvents(Events events) implements PodEvents {
    @Override
    public void normal(Pod pod, String reason, String message) {
        events.normal(pod, reason, message);
    }

    @Override
    public void warning(Pod pod, String reason, String message) {
        events.warning(pod, reason, message);
    }

    @Override
    public void normal(Pod pod, Container container, String reason, String message) {
        events.record(reference(pod, container), "Normal", reason, message);
    }

    @Override
    public void warning(Pod pod, Container container, String reason, String message) {
        events.record(reference(pod, container), "Warning", reason, message);
    }

    private static ObjectReference reference(Pod pod, Container container) {
        var field = pod.getSpec().getInitContainers().contains(container) ? "initContainers" : "containers";
        var reference = Events.reference(pod);
        reference.setFieldPath("spec." + field + "{" + container.getName() + "}");
        return reference;
    }
}
