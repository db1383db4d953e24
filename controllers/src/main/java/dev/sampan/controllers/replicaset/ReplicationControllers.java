package dev.sampan.controllers.replicaset;

import dev.sampan.client.Informer;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerCondition;
import io.fabric8.kubernetes.api.model.ReplicationControllerConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code v1 ReplicationController}, the ReplicaSet's older form. */
record ReplicationControllers(KubernetesClient client, Informer<ReplicationController> informer)
        implements ReplicaKind<ReplicationController> {

    @Override
    public String kind() {
        return "ReplicationController";
    }

    @Override
    public Spec spec(ReplicationController object) {
        var spec = object.getSpec();
        return new Spec(
                Objects.requireNonNullElse(spec.getReplicas(), 1),
                Selectors.matching(spec.getSelector()),
                spec.getTemplate(),
                Objects.requireNonNullElse(spec.getMinReadySeconds(), 0));
    }

    @Override
    public Status status(ReplicationController object) {
        var status = object.getStatus();
        if (status == null) {
            return new Status(0, 0, 0, 0, 0, List.of());
        }
        return new Status(
                number(status.getReplicas()),
                number(status.getFullyLabeledReplicas()),
                number(status.getReadyReplicas()),
                number(status.getAvailableReplicas()),
                status.getObservedGeneration() == null ? 0 : status.getObservedGeneration(),
                status.getConditions().stream()
                        .map(ReplicationControllers::read)
                        .toList());
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    private static Condition read(ReplicationControllerCondition c) {
        return new Condition(
                c.getType(),
                c.getStatus(),
                String.valueOf(c.getReason()),
                String.valueOf(c.getMessage()),
                String.valueOf(c.getLastTransitionTime()));
    }

    private static ReplicationControllerCondition write(Condition c) {
        return new ReplicationControllerConditionBuilder()
                .withType(c.type())
                .withStatus(c.status())
                .withReason(c.reason())
                .withMessage(c.message())
                .withLastTransitionTime(c.lastTransitionTime())
                .build();
    }

    @Override
    public void updateStatus(ReplicationController object, Status status) {
        client.resource(new ReplicationControllerBuilder(object)
                        .withNewStatus()
                        .withReplicas(status.replicas())
                        .withFullyLabeledReplicas(status.fullyLabeled())
                        .withReadyReplicas(status.ready())
                        .withAvailableReplicas(status.available())
                        .withObservedGeneration(status.observedGeneration())
                        .withConditions(status.conditions().stream()
                                .map(ReplicationControllers::write)
                                .toList())
                        .endStatus()
                        .build())
                .updateStatus();
    }

    @Override
    public @Nullable ReplicationController live(ReplicationController object) {
        return client.replicationControllers()
                .inNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .get();
    }
}
