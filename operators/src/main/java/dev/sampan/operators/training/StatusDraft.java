package dev.sampan.operators.training;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A status in the making, within one decision. The rules by which conditions replace each other are Kubeflow's. */
final class StatusDraft {

    private final String now;
    private List<JobCondition> conditions;
    private final Map<String, JobStatus.ReplicaStatus> replicas;
    private @Nullable String startTime;
    private @Nullable String completionTime;
    private final @Nullable String lastReconcileTime;

    StatusDraft(@Nullable JobStatus status, Instant now) {
        var from = status == null ? JobStatus.EMPTY : status;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
        this.conditions = from.conditions() == null ? new ArrayList<>() : new ArrayList<>(from.conditions());
        this.replicas =
                from.replicaStatuses() == null ? new LinkedHashMap<>() : new LinkedHashMap<>(from.replicaStatuses());
        this.startTime = from.startTime();
        this.completionTime = from.completionTime();
        this.lastReconcileTime = from.lastReconcileTime();
    }

    JobStatus finish() {
        return new JobStatus(
                List.copyOf(conditions), Map.copyOf(replicas), startTime, completionTime, lastReconcileTime);
    }

    Optional<JobCondition> condition(String type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
    }

    boolean is(String type) {
        return condition(type).filter(JobCondition::isTrue).isPresent();
    }

    boolean finished() {
        return is(JobCondition.SUCCEEDED) || is(JobCondition.FAILED);
    }

    void set(String type, String reason, String message) {
        set(type, "True", reason, message);
    }

    /**
     * Puts a condition last. After a failure nothing changes any more; Running and Restarting exclude each other; the end of a job
     * makes Running false.
     */
    void set(String type, String status, String reason, String message) {
        var current = condition(type).orElse(null);
        var since = current != null && current.status().equals(status) ? current.lastTransitionTime() : null;
        boolean nothingNew = current != null && current.status().equals(status) && reason.equals(current.reason());
        if (is(JobCondition.FAILED) || nothingNew) {
            return;
        }
        var kept = new ArrayList<JobCondition>();
        boolean ends = type.equals(JobCondition.FAILED) || type.equals(JobCondition.SUCCEEDED);
        for (var condition : conditions) {
            if (!condition.type().equals(type) && !excludes(type, condition.type())) {
                kept.add(ends && condition.type().equals(JobCondition.RUNNING) ? condition.with("False") : condition);
            }
        }
        kept.add(new JobCondition(type, status, reason, message, now, since == null ? now : since));
        conditions = kept;
    }

    private static boolean excludes(String type, String other) {
        return (type.equals(JobCondition.RUNNING) && other.equals(JobCondition.RESTARTING))
                || (type.equals(JobCondition.RESTARTING) && other.equals(JobCondition.RUNNING));
    }

    JobStatus.ReplicaStatus replicas(String role) {
        return replicas.getOrDefault(role, JobStatus.ReplicaStatus.of(0, 0, 0));
    }

    int failedReplicas() {
        return replicas.values().stream()
                .mapToInt(JobStatus.ReplicaStatus::failedCount)
                .sum();
    }

    void count(String role, JobStatus.ReplicaStatus status) {
        replicas.put(role, status);
    }

    /** Nothing runs any more; what did is counted as succeeded, or forgotten. */
    void noneActive(boolean succeeded) {
        replicas.replaceAll((role, status) -> JobStatus.ReplicaStatus.of(
                0, status.succeededCount() + (succeeded ? status.activeCount() : 0), status.failedCount()));
    }

    @Nullable
    Instant startTime() {
        return startTime == null ? null : Instant.parse(startTime);
    }

    void startIfNotStarted() {
        if (startTime == null) {
            startTime = now;
        }
    }

    void startAgain() {
        startTime = now;
    }

    @Nullable
    Instant completionTime() {
        return completionTime == null ? null : Instant.parse(completionTime);
    }

    void complete() {
        if (completionTime == null) {
            completionTime = now;
        }
    }
}
