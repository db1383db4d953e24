package dev.sampan.controllers.job;

import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job's conditions while a decision is made. */
final class JobConditions {

    static final String COMPLETE = "Complete";
    static final String FAILED = "Failed";
    static final String SUSPENDED = "Suspended";
    static final String FAILURE_TARGET = "FailureTarget";
    static final String SUCCESS_CRITERIA_MET = "SuccessCriteriaMet";

    private final String now;
    private final List<JobCondition> list;

    JobConditions(List<JobCondition> list, Instant now) {
        this.list = new ArrayList<>(list);
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    List<JobCondition> list() {
        return List.copyOf(list);
    }

    @Nullable
    JobCondition get(String type) {
        return list.stream().filter(c -> type.equals(c.getType())).findFirst().orElse(null);
    }

    boolean isTrue(String type) {
        var condition = get(type);
        return condition != null && "True".equals(condition.getStatus());
    }

    /** Whether anything changed. */
    boolean set(String type, boolean status, String reason, String message) {
        var text = status ? "True" : "False";
        var current = get(type);
        if (current == null && !status) {
            return false;
        }
        if (current != null && text.equals(current.getStatus())) {
            return false;
        }
        list.remove(current);
        list.add(new JobConditionBuilder()
                .withType(type)
                .withStatus(text)
                .withReason(reason)
                .withMessage(message)
                .withLastProbeTime(now)
                .withLastTransitionTime(now)
                .build());
        return true;
    }

    static boolean isFinished(List<JobCondition> conditions) {
        var view = new JobConditions(conditions, Instant.EPOCH);
        return view.isTrue(COMPLETE) || view.isTrue(FAILED);
    }
}
