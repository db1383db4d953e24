package dev.sampan.operators.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a job goes. Times are RFC 3339, in whole seconds.
 *
 * @param conditions what was observed, latest last
 * @param replicaStatuses counts of pods by role
 * @param startTime when the operator first worked on the job, or on it again after a suspension
 * @param completionTime when it succeeded or failed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobStatus(
        @Nullable List<JobCondition> conditions,
        @Nullable Map<String, ReplicaStatus> replicaStatuses,
        @Nullable String startTime,
        @Nullable String completionTime,
        @Nullable String lastReconcileTime) {

    static final JobStatus EMPTY = new JobStatus(null, null, null, null, null);

    /**
     * Counts of the pods of one role; absent is none.
     *
     * @param active running and not being deleted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReplicaStatus(
            @Nullable Integer active,
            @Nullable Integer succeeded,
            @Nullable Integer failed,
            @Nullable String selector) {

        static ReplicaStatus of(int active, int succeeded, int failed) {
            return new ReplicaStatus(orNull(active), orNull(succeeded), orNull(failed), null);
        }

        int activeCount() {
            return active == null ? 0 : active;
        }

        int succeededCount() {
            return succeeded == null ? 0 : succeeded;
        }

        int failedCount() {
            return failed == null ? 0 : failed;
        }

        private static @Nullable Integer orNull(int count) {
            return count == 0 ? null : count;
        }
    }
}
