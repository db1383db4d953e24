package dev.sampan.operators.training;

import dev.sampan.client.Events;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes changes through the API and records an event for each. The first that fails ends it; the next decision takes it up. */
final class ChangeApplier {

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final Events events;

    ChangeApplier(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    void apply(TFJob job, List<Change> changes) {
        changes.forEach(change -> apply(job, change));
    }

    private void apply(TFJob job, Change change) {
        var namespace = job.getMetadata().getNamespace();
        switch (change) {
            case Change.CreateService(var service) ->
                create(job, "Service", client.services().inNamespace(namespace).resource(service));
            case Change.CreatePod(var pod) ->
                create(job, "Pod", client.pods().inNamespace(namespace).resource(pod));
            case Change.DeletePod(var name) ->
                delete(job, "Pod", name, client.pods().inNamespace(namespace).withName(name));
            case Change.DeleteService(var name) ->
                delete(
                        job,
                        "Service",
                        name,
                        client.services().inNamespace(namespace).withName(name));
            case Change.DeleteJob() -> delete(job, "Job", job.getMetadata().getName(), client.resource(job));
            case Change.UpdateStatus(var status) -> updateStatus(job, status);
            case Change.Tell(var type, var reason, var message) ->
                events.record(Events.reference(job), type, reason, message);
        }
    }

    private <T extends HasMetadata> void create(TFJob job, String kind, Resource<T> resource) {
        try {
            var created = resource.create();
            events.normal(
                    job,
                    "SuccessfulCreate" + kind,
                    "Created " + word(kind) + ": " + created.getMetadata().getName());
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT && isOurs(job, resource.get())) {
                return; // made by an earlier decision that the cache does not know of yet
            }
            events.warning(job, "FailedCreate" + kind, "Error creating: " + e.getMessage());
            throw e;
        }
    }

    private static boolean isOurs(TFJob job, @Nullable HasMetadata existing) {
        return existing != null
                && existing.getMetadata().getOwnerReferences().stream()
                        .anyMatch(
                                owner -> owner.getUid().equals(job.getMetadata().getUid()));
    }

    private void delete(TFJob job, String kind, String name, Resource<?> resource) {
        try {
            resource.delete();
            events.normal(job, "SuccessfulDelete" + kind, "Deleted " + word(kind) + ": " + name);
        } catch (KubernetesClientException e) {
            if (e.getCode() != NOT_FOUND) {
                events.warning(job, "FailedDelete" + kind, "Error deleting: " + e.getMessage());
                throw e;
            }
        }
    }

    private static String word(String kind) {
        return kind.toLowerCase(Locale.ROOT);
    }

    private void updateStatus(TFJob job, JobStatus status) {
        var changed = new TFJob();
        changed.setMetadata(job.getMetadata());
        changed.setSpec(job.getSpec());
        changed.setStatus(status);
        client.resource(changed).updateStatus();
    }
}
