package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;

/** Where the agent reports what it does to a pod. */
interface PodEvents {
    void normal(Pod pod, String reason, String message);

    void warning(Pod pod, String reason, String message);

    /** About one container; shown with the container's field path. */
    void normal(Pod pod, Container container, String reason, String message);

    void warning(Pod pod, Container container, String reason, String message);
}
