package dev.sampan.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How many pods of a job have succeeded and failed, each counted once. A pod whose end is new goes into the uncounted
 * list; when its finalizer is gone it goes from there into the counter. Indexes need no list: a set cannot count twice.
 */
final class JobCounts {

    private final Job job;
    private final Set<String> uncountedSucceeded = new LinkedHashSet<>();
    private final Set<String> uncountedFailed = new LinkedHashSet<>();
    private final Set<String> ignored = new LinkedHashSet<>();
    private final BitSet completed;
    private final BitSet failedIndexes;
    private int succeeded;
    private int failed;

    JobCounts(Job job, JobStatus status) {
        this.job = job;
        this.succeeded = number(status.getSucceeded());
        this.failed = number(status.getFailed());
        this.completed = Indexes.parse(status.getCompletedIndexes());
        this.failedIndexes = Indexes.parse(status.getFailedIndexes());
        var uncounted = status.getUncountedTerminatedPods();
        if (uncounted != null) {
            uncountedSucceeded.addAll(uncounted.getSucceeded());
            uncountedFailed.addAll(uncounted.getFailed());
        }
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    /** Moves into the counters what has lost its finalizer. */
    void settle(List<Pod> pods) {
        var tracked = pods.stream()
                .filter(JobPods::isTracked)
                .map(p -> p.getMetadata().getUid())
                .collect(Collectors.toSet());
        int before = uncountedSucceeded.size();
        uncountedSucceeded.retainAll(tracked);
        succeeded += before - uncountedSucceeded.size();
        before = uncountedFailed.size();
        uncountedFailed.retainAll(tracked);
        failed += before - uncountedFailed.size();
    }

    /** Whether the pod has ended and was not counted yet. */
    boolean isNews(Pod pod) {
        var uid = pod.getMetadata().getUid();
        if (!JobPods.isTracked(pod) || uncountedSucceeded.contains(uid) || uncountedFailed.contains(uid)) {
            return false;
        }
        return JobPods.hasSucceeded(pod) || JobPods.hasFailed(job, pod);
    }

    void succeeded(Pod pod) {
        if (!isIndexed()) {
            uncountedSucceeded.add(pod.getMetadata().getUid());
            return;
        }
        var index = Indexes.of(pod);
        if (index.isPresent() && index.getAsInt() < completions()) {
            completed.set(index.getAsInt());
            failedIndexes.clear(index.getAsInt());
        }
    }

    void failed(Pod pod, boolean forGood) {
        uncountedFailed.add(pod.getMetadata().getUid());
        var limit = job.getSpec().getBackoffLimitPerIndex();
        var index = Indexes.of(pod);
        boolean known = isIndexed() && index.isPresent() && !completed.get(index.getAsInt());
        if (known && (forGood || (limit != null && JobPods.earlierFailures(pod) >= limit))) {
            failedIndexes.set(index.getAsInt());
        }
    }

    void ignored(Pod pod) {
        ignored.add(pod.getMetadata().getUid());
    }

    boolean isIndexed() {
        return "Indexed".equals(job.getSpec().getCompletionMode());
    }

    int completions() {
        return Objects.requireNonNullElse(job.getSpec().getCompletions(), 0);
    }

    /** All that have succeeded, counted or about to be. */
    int succeeded() {
        return isIndexed() ? completed.cardinality() : succeeded + uncountedSucceeded.size();
    }

    int failed() {
        return failed + uncountedFailed.size();
    }

    int recordedSucceeded() {
        return isIndexed() ? completed.cardinality() : succeeded;
    }

    int recordedFailed() {
        return failed;
    }

    BitSet completed() {
        return completed;
    }

    BitSet failedIndexes() {
        return failedIndexes;
    }

    UncountedTerminatedPods uncounted() {
        var uncounted = new UncountedTerminatedPods();
        uncounted.setSucceeded(new ArrayList<>(uncountedSucceeded));
        uncounted.setFailed(new ArrayList<>(uncountedFailed));
        return uncounted;
    }

    /** Whether every pod is in the counters. */
    boolean isSettled(List<Pod> pods) {
        return uncountedSucceeded.isEmpty()
                && uncountedFailed.isEmpty()
                && pods.stream().noneMatch(JobPods::isTracked);
    }

    /** How often an index has failed, of which its newest failed pod knows. */
    int failuresOf(int index, List<Pod> pods) {
        return failedPods(index, pods).stream()
                .mapToInt(p -> JobPods.earlierFailures(p) + 1)
                .max()
                .orElse(0);
    }

    Instant lastFailureOf(int index, List<Pod> pods, Instant now) {
        return failedPods(index, pods).stream()
                .map(p -> JobPods.finishedAt(p, now))
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
    }

    private List<Pod> failedPods(int index, List<Pod> pods) {
        return pods.stream()
                .filter(p -> Indexes.of(p).orElse(JobPods.NO_INDEX) == index && JobPods.hasFailed(job, p))
                .filter(p -> !ignored.contains(p.getMetadata().getUid()))
                .toList();
    }
}
