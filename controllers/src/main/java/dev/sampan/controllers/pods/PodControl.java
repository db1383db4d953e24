package dev.sampan.controllers.pods;

import dev.sampan.client.Events;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Creates and deletes pods on behalf of an owner, and records it on the owner. */
public final class PodControl {

    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;

    private final KubernetesClient client;
    private final Events events;

    public PodControl(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    public Pod create(Pod pod, HasMetadata owner) {
        try {
            var created = client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .resource(pod)
                    .create();
            events.normal(
                    owner,
                    "SuccessfulCreate",
                    "Created pod: " + created.getMetadata().getName());
            return created;
        } catch (KubernetesClientException e) {
            if (!isNamespaceTerminating(e)) {
                events.warning(owner, "FailedCreate", "Error creating: " + reason(e));
            }
            throw e;
        }
    }

    /** Deletes the pod unless it is gone or being deleted already. */
    public void delete(Pod pod, HasMetadata owner) {
        if (Pods.isTerminating(pod)) {
            return;
        }
        var name = pod.getMetadata().getName();
        try {
            client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(name)
                    .delete();
            events.normal(owner, "SuccessfulDelete", "Deleted pod: " + name);
        } catch (KubernetesClientException e) {
            if (e.getCode() == NOT_FOUND) {
                return;
            }
            events.warning(owner, "FailedDelete", "Error deleting: " + reason(e));
            throw e;
        }
    }

    /** Whether a creation failed only because the whole namespace is going away, which needs neither event nor retry. */
    public static boolean isNamespaceTerminating(KubernetesClientException e) {
        return e.getCode() == FORBIDDEN
                && e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getCauses().stream()
                        .anyMatch(c -> "NamespaceTerminating".equals(c.getReason()));
    }

    /** What the API server said, without the client's decoration. */
    public static String reason(KubernetesClientException e) {
        return e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
    }
}
