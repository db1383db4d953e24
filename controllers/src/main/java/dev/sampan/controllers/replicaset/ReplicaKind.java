package dev.sampan.controllers.replicaset;

import dev.sampan.client.Informer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A kind that keeps a number of identical pods. */
interface ReplicaKind<T extends HasMetadata> {

    String kind();

    Informer<T> informer();

    Spec spec(T object);

    Status status(T object);

    /** Writes the status; fails with a conflict when the object is not the latest. */
    void updateStatus(T object, Status status);

    /** The object as the API has it now; null when it is gone. */
    @Nullable
    T live(T object);

    record Spec(int replicas, Predicate<Map<String, String>> selector, PodTemplateSpec template, int minReadySeconds) {}

    record Status(
            int replicas,
            int fullyLabeled,
            int ready,
            int available,
            long observedGeneration,
            List<Condition> conditions) {}

    record Condition(String type, String status, String reason, String message, String lastTransitionTime) {}
}
