package dev.sampan.operators.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long a job may run, how often it may fail, and what is cleaned up after it.
 *
 * @param cleanPodPolicy {@code All}, {@code Running} or {@code None}: which pods go when the job has finished
 * @param ttlSecondsAfterFinished the job itself goes this long after it finished
 * @param activeDeadlineSeconds the job fails when it has been active this long
 * @param backoffLimit the job fails when containers of its running pods were restarted this often
 * @param managedBy another controller than {@code kubeflow.org/training-operator} has the job to itself
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunPolicy(
        @Nullable String cleanPodPolicy,
        @Nullable Integer ttlSecondsAfterFinished,
        @Nullable Long activeDeadlineSeconds,
        @Nullable Integer backoffLimit,
        @Nullable SchedulingPolicy schedulingPolicy,
        @Nullable Boolean suspend,
        @Nullable String managedBy) {

    static final RunPolicy DEFAULT = new RunPolicy(null, null, null, null, null, null, null);
    static final String OURS = "kubeflow.org/training-operator";

    /** What a gang scheduler is told. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SchedulingPolicy(
            @Nullable Integer minAvailable,
            @Nullable String queue,
            @Nullable Map<String, Quantity> minResources,
            @Nullable String priorityClass,
            @Nullable Integer scheduleTimeoutSeconds) {}

    boolean suspended() {
        return Boolean.TRUE.equals(suspend);
    }

    boolean managedByAnother() {
        return managedBy != null && !managedBy.equals(OURS);
    }
}
