package dev.sampan.operators.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is so, or is not, with a job.
 *
 * @param type Created, Running, Restarting, Succeeded, Failed or Suspended
 * @param status True, False or Unknown
 * @param reason the kind and a word, such as {@code TFJobRunning}
 * @param lastTransitionTime when {@code status} last changed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobCondition(
        String type,
        String status,
        @Nullable String reason,
        @Nullable String message,
        @Nullable String lastUpdateTime,
        @Nullable String lastTransitionTime) {

    static final String CREATED = "Created";
    static final String RUNNING = "Running";
    static final String RESTARTING = "Restarting";
    static final String SUCCEEDED = "Succeeded";
    static final String FAILED = "Failed";
    static final String SUSPENDED = "Suspended";

    boolean isTrue() {
        return status.equals("True");
    }

    JobCondition with(String newStatus) {
        return new JobCondition(type, newStatus, reason, message, lastUpdateTime, lastTransitionTime);
    }
}
