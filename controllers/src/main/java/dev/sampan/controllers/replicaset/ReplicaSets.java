package dev.sampan.controllers.replicaset;

import dev.sampan.client.Informer;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code apps/v1 ReplicaSet}. */
record ReplicaSets(KubernetesClient client, Informer<ReplicaSet> informer) implements ReplicaKind<ReplicaSet> {

    @Override
    public String kind() {
        return "ReplicaSet";
    }

    @Override
    public Spec spec(ReplicaSet object) {
        var spec = object.getSpec();
        return new Spec(
                Objects.requireNonNullElse(spec.getReplicas(), 1),
                Selectors.matching(spec.getSelector()),
                spec.getTemplate(),
                Objects.requireNonNullElse(spec.getMinReadySeconds(), 0));
    }

    @Override
    public Status status(ReplicaSet object) {
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
                status.getConditions().stream().map(ReplicaSets::read).toList());
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    private static Condition read(ReplicaSetCondition c) {
        return new Condition(
                c.getType(),
                c.getStatus(),
                String.valueOf(c.getReason()),
                String.valueOf(c.getMessage()),
                String.valueOf(c.getLastTransitionTime()));
    }

    private static ReplicaSetCondition write(Condition c) {
        return new ReplicaSetConditionBuilder()
                .withType(c.type())
                .withStatus(c.status())
                .withReason(c.reason())
                .withMessage(c.message())
                .withLastTransitionTime(c.lastTransitionTime())
                .build();
    }

    @Override
    public void updateStatus(ReplicaSet object, Status status) {
        client.resource(new ReplicaSetBuilder(object)
                        .withNewStatus()
                        .withReplicas(status.replicas())
                        .withFullyLabeledReplicas(status.fullyLabeled())
                        .withReadyReplicas(status.ready())
                        .withAvailableReplicas(status.available())
                        .withObservedGeneration(status.observedGeneration())
                        .withConditions(status.conditions().stream()
                                .map(ReplicaSets::write)
                                .toList())
                        .endStatus()
                        .build())
                .updateStatus();
    }

    @Override
    public @Nullable ReplicaSet live(ReplicaSet object) {
        return client.apps()
                .replicaSets()
                .inNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .get();
    }
}
