package dev.sampan.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A deployment's conditions while a decision is made; replaced, never changed in place. */
final class Conditions {

    static final String PROGRESSING = "Progressing";
    static final String AVAILABLE = "Available";
    static final String REPLICA_FAILURE = "ReplicaFailure";

    private final Instant now;
    private List<DeploymentCondition> list;

    Conditions(List<DeploymentCondition> list, Instant now) {
        this.list = new ArrayList<>(list);
        this.now = now;
    }

    List<DeploymentCondition> list() {
        return list;
    }

    @Nullable
    DeploymentCondition get(String type) {
        return list.stream().filter(c -> type.equals(c.getType())).findFirst().orElse(null);
    }

    boolean hasReason(String type, String reason) {
        var condition = get(type);
        return condition != null && reason.equals(condition.getReason());
    }

    /** Sets a condition; nothing happens when status and reason are as before. */
    void set(String type, String status, String reason, String message) {
        set(condition(type, status, reason, message));
    }

    void set(DeploymentCondition condition) {
        var current = get(condition.getType());
        if (current != null
                && Objects.equals(current.getStatus(), condition.getStatus())
                && Objects.equals(current.getReason(), condition.getReason())) {
            return;
        }
        replace(current, condition);
    }

    /** Sets a condition and its update time even when status and reason are as before. */
    void renew(String type, String status, String reason, String message) {
        replace(get(type), condition(type, status, reason, message));
    }

    private void replace(@Nullable DeploymentCondition current, DeploymentCondition condition) {
        if (current != null && Objects.equals(current.getStatus(), condition.getStatus())) {
            condition.setLastTransitionTime(current.getLastTransitionTime());
        }
        remove(condition.getType());
        list.add(condition);
    }

    void remove(String type) {
        list = new ArrayList<>(list);
        list.removeIf(c -> type.equals(c.getType()));
    }

    private DeploymentCondition condition(String type, String status, String reason, String message) {
        var time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new DeploymentConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastUpdateTime(time)
                .withLastTransitionTime(time)
                .build();
    }
}
