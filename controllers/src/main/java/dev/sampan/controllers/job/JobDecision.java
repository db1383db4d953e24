package dev.sampan.controllers.job;

import static dev.sampan.controllers.job.JobConditions.COMPLETE;
import static dev.sampan.controllers.job.JobConditions.FAILED;
import static dev.sampan.controllers.job.JobConditions.FAILURE_TARGET;
import static dev.sampan.controllers.job.JobConditions.SUCCESS_CRITERIA_MET;
import static dev.sampan.controllers.job.JobConditions.SUSPENDED;

import dev.sampan.controllers.pods.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.SuccessPolicyRule;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One decision about one job. Used once, by one thread; order of the steps and all texts are upstream's. */
final class JobDecision {

    private static final int MAX_PER_PASS = 500;

    private final Job job;
    private final List<Pod> pods;
    private final Instant now;
    private final boolean cacheCurrent;
    private final JobStatus status;
    private final JobConditions conditions;
    private final JobCounts counts;
    private final List<Pod> active;
    private final List<Pod> delete = new ArrayList<>();
    private final List<JobPods.Wanted> create = new ArrayList<>();
    private final List<Tell> tell = new ArrayList<>();
    private Backoff backoff;
    private @Nullable Duration again;

    record Tell(boolean warning, String reason, String message) {}

    /**
     * @param release pods whose end the status tells: their finalizers go once it is written
     * @param status what the status becomes, except that {@code active} follows what could be created
     */
    record Plan(
            List<Pod> delete,
            List<JobPods.Wanted> create,
            JobStatus status,
            List<Pod> release,
            List<Tell> tell,
            Backoff backoff,
            @Nullable Duration again) {}

    private JobDecision(Job job, List<Pod> pods, Backoff backoff, boolean cacheCurrent, Instant now) {
        this.job = job;
        this.pods = pods;
        this.now = now;
        this.cacheCurrent = cacheCurrent;
        this.backoff = backoff;
        var copy = new JobBuilder(job).build().getStatus();
        this.status = copy == null ? new JobStatus() : copy;
        this.conditions = new JobConditions(status.getConditions(), now);
        this.counts = new JobCounts(job, status);
        this.active = pods.stream().filter(Pods::isActive).toList();
    }

    /**
     * @param pods all pods of the job, ended ones too
     * @param cacheCurrent whether all pods that were created and deleted before are seen; else none are now
     */
    static Plan decide(Job job, List<Pod> pods, Backoff backoff, boolean cacheCurrent, Instant now) {
        return new JobDecision(job, pods, backoff, cacheCurrent, now).decide();
    }

    private Plan decide() {
        if (JobConditions.isFinished(status.getConditions())) {
            return new Plan(List.of(), List.of(), status, tracked(), List.of(), backoff, null);
        }
        boolean suspended = Boolean.TRUE.equals(job.getSpec().getSuspend());
        if (status.getStartTime() == null && !suspended) {
            status.setStartTime(time());
        }
        count();
        judgeFailure(suspended);
        judgeSuccess();
        boolean leaving = job.getMetadata().getDeletionTimestamp() != null;
        if (targetReached()) {
            delete.addAll(active);
        } else if (cacheCurrent && !leaving) {
            manage(suspended);
        }
        noteSuspension(suspended);
        return finish();
    }

    private String time() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private List<Pod> tracked() {
        return pods.stream().filter(JobPods::isTracked).toList();
    }

    private boolean targetReached() {
        return conditions.isTrue(FAILURE_TARGET) || conditions.isTrue(SUCCESS_CRITERIA_MET);
    }

    // --- counting ---

    private void count() {
        counts.settle(pods);
        pods.stream()
                .filter(counts::isNews)
                .sorted(Comparator.comparing((Pod p) -> JobPods.finishedAt(p, now)))
                .forEach(this::count);
    }

    private void count(Pod pod) {
        if (JobPods.hasSucceeded(pod)) {
            counts.succeeded(pod);
            backoff = backoff.succeeded();
            return;
        }
        if (conditions.isTrue(SUCCESS_CRITERIA_MET)) {
            return; // stopped because it is not needed any more, which is no failure
        }
        var policy = Pods.phase(pod).equals("Failed") ? FailurePolicy.of(job, pod) : new FailurePolicy.Count();
        switch (policy) {
            case FailurePolicy.Ignore() -> counts.ignored(pod);
            case FailurePolicy.FailJob(var message) -> {
                counts.failed(pod, false);
                target(FAILURE_TARGET, "PodFailurePolicy", message);
            }
            case FailurePolicy.FailIndex() -> counts.failed(pod, true);
            case FailurePolicy.Count() -> counts.failed(pod, false);
        }
        if (!(policy instanceof FailurePolicy.Ignore)) {
            backoff = backoff.failed(JobPods.finishedAt(pod, now));
        }
    }

    /** What the job is heading for; the first target stays. */
    private void target(String type, String reason, String message) {
        if (!targetReached()) {
            conditions.set(type, true, reason, message);
        }
    }

    // --- judging ---

    private void judgeFailure(boolean suspended) {
        int limit = Objects.requireNonNullElse(job.getSpec().getBackoffLimit(), 6);
        if (counts.failed() > limit || restartedTooOften(limit)) {
            target(FAILURE_TARGET, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        var left = untilDeadline(suspended);
        if (left != null && !left.isPositive()) {
            target(FAILURE_TARGET, "DeadlineExceeded", "Job was active longer than specified deadline");
        } else if (left != null) {
            lookAgain(left);
        }
        var maxFailed = job.getSpec().getMaxFailedIndexes();
        if (maxFailed != null && counts.failedIndexes().cardinality() > maxFailed) {
            target(
                    FAILURE_TARGET,
                    "MaxFailedIndexesExceeded",
                    "Job has exceeded the specified maximal number of failed indexes");
        } else if (counts.isIndexed()
                && !counts.failedIndexes().isEmpty()
                && counts.failedIndexes().cardinality() + counts.completed().cardinality() >= counts.completions()) {
            target(FAILURE_TARGET, "FailedIndexes", "Job has failed indexes");
        }
    }

    private boolean restartedTooOften(int limit) {
        if (!"OnFailure".equals(job.getSpec().getTemplate().getSpec().getRestartPolicy())) {
            return false;
        }
        int restarts = active.stream().mapToInt(Pods::restarts).sum();
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    private @Nullable Duration untilDeadline(boolean suspended) {
        var deadline = job.getSpec().getActiveDeadlineSeconds();
        if (deadline == null || suspended || status.getStartTime() == null) {
            return null;
        }
        return Duration.between(now, Instant.parse(status.getStartTime()).plusSeconds(deadline));
    }

    private void lookAgain(Duration after) {
        again = again == null || after.compareTo(again) < 0 ? after : again;
    }

    private void judgeSuccess() {
        var policy = job.getSpec().getSuccessPolicy();
        if (policy != null && counts.isIndexed()) {
            int number = 0;
            for (var rule : policy.getRules()) {
                if (matches(rule)) {
                    target(SUCCESS_CRITERIA_MET, "SuccessPolicy", "Matched rules at index " + number);
                }
                number++;
            }
        }
        var completions = job.getSpec().getCompletions();
        int succeeded = counts.succeeded();
        boolean enough = completions == null ? succeeded > 0 : succeeded >= completions;
        if (enough && active.isEmpty()) {
            target(SUCCESS_CRITERIA_MET, "CompletionsReached", "Reached expected number of succeeded pods");
        }
    }

    private boolean matches(SuccessPolicyRule rule) {
        var done = counts.completed();
        if (rule.getSucceededIndexes() != null) {
            var wanted = Indexes.parse(rule.getSucceededIndexes());
            int needed = Objects.requireNonNullElse(rule.getSucceededCount(), wanted.cardinality());
            done = (BitSet) done.clone();
            done.and(wanted);
            return done.cardinality() >= needed;
        }
        return rule.getSucceededCount() != null && done.cardinality() >= rule.getSucceededCount();
    }

    // --- pods ---

    private void manage(boolean suspended) {
        if (suspended) {
            delete.addAll(active);
            return;
        }
        int wanted = wantedActive();
        if (active.size() > wanted) {
            removeSurplus(active.size() - wanted);
            return;
        }
        boolean onlyEnded = "Failed".equals(job.getSpec().getPodReplacementPolicy());
        int missing = wanted - active.size() - (onlyEnded ? terminating() : 0);
        if (missing <= 0) {
            return;
        }
        var wait = backoff.remaining(now);
        if (job.getSpec().getBackoffLimitPerIndex() == null && wait.isPositive()) {
            lookAgain(wait);
            return;
        }
        create(Math.min(missing, MAX_PER_PASS));
    }

    private int wantedActive() {
        int parallelism = Objects.requireNonNullElse(job.getSpec().getParallelism(), 1);
        var completions = job.getSpec().getCompletions();
        if (completions == null) {
            return counts.succeeded() > 0 ? Math.min(active.size(), parallelism) : parallelism;
        }
        int open = completions - counts.succeeded() - counts.failedIndexes().cardinality();
        return Math.max(0, Math.min(parallelism, open));
    }

    /** Not ready and young ones first; of an Indexed job also those whose index is done or taken twice. */
    private void removeSurplus(int surplus) {
        var seen = (BitSet) counts.completed().clone();
        var needless = new ArrayList<Pod>();
        var others = new ArrayList<Pod>();
        for (var pod : active) {
            var index = Indexes.of(pod);
            boolean taken = counts.isIndexed() && (index.isEmpty() || seen.get(index.getAsInt()));
            index.ifPresent(seen::set);
            (taken ? needless : others).add(pod);
        }
        others.sort(Comparator.comparing(Pods::isAssigned)
                .thenComparing(Pods::isReady)
                .thenComparing(
                        (Pod p) -> Objects.requireNonNullElse(p.getMetadata().getCreationTimestamp(), ""),
                        Comparator.reverseOrder()));
        needless.addAll(others);
        delete.addAll(needless.subList(0, Math.min(surplus, MAX_PER_PASS)));
    }

    private void create(int missing) {
        if (!counts.isIndexed()) {
            for (int i = 0; i < missing; i++) {
                create.add(new JobPods.Wanted(JobPods.NO_INDEX, 0));
            }
            return;
        }
        var taken = (BitSet) counts.completed().clone();
        taken.or(counts.failedIndexes());
        boolean onlyEnded = "Failed".equals(job.getSpec().getPodReplacementPolicy());
        pods.stream()
                .filter(p -> Pods.isActive(p) || (onlyEnded && Pods.isTerminating(p) && !Pods.isTerminal(p)))
                .forEach(p -> Indexes.of(p).ifPresent(taken::set));
        for (int index = taken.nextClearBit(0); index < counts.completions() && create.size() < missing; ) {
            createIndex(index);
            taken.set(index);
            index = taken.nextClearBit(index);
        }
    }

    /** With a limit for each index, each index backs off by itself. */
    private void createIndex(int index) {
        int failures = counts.failuresOf(index, pods);
        if (job.getSpec().getBackoffLimitPerIndex() != null && failures > 0) {
            var last = counts.lastFailureOf(index, pods, now);
            var wait = new Backoff(failures, last).remaining(now);
            if (wait.isPositive()) {
                lookAgain(wait);
                return;
            }
        }
        create.add(new JobPods.Wanted(index, failures));
    }

    // --- status ---

    private int terminating() {
        return (int) pods.stream()
                .filter(p -> Pods.isTerminating(p) && !Pods.isTerminal(p))
                .count();
    }

    private void noteSuspension(boolean suspended) {
        if (targetReached()) {
            return;
        }
        if (suspended && conditions.set(SUSPENDED, true, "JobSuspended", "Job suspended")) {
            tell.add(new Tell(false, "Suspended", "Job suspended"));
            status.setStartTime(null);
        } else if (!suspended && conditions.set(SUSPENDED, false, "JobResumed", "Job resumed")) {
            tell.add(new Tell(false, "Resumed", "Job resumed"));
            status.setStartTime(time());
        }
    }

    private Plan finish() {
        var release = release();
        if (targetReached() && active.isEmpty() && terminating() == 0 && counts.isSettled(pods)) {
            end();
        }
        status.setActive(zeroIsAbsent(active.size() - delete.size()));
        status.setReady((int) active.stream()
                .filter(p -> Pods.isReady(p) && !delete.contains(p))
                .count());
        status.setTerminating(terminating() + delete.size());
        status.setSucceeded(zeroIsAbsent(counts.recordedSucceeded()));
        status.setFailed(zeroIsAbsent(counts.recordedFailed()));
        status.setUncountedTerminatedPods(counts.uncounted());
        if (counts.isIndexed()) {
            status.setCompletedIndexes(emptyIsAbsent(Indexes.format(counts.completed())));
            if (job.getSpec().getBackoffLimitPerIndex() != null) {
                status.setFailedIndexes(Indexes.format(counts.failedIndexes()));
            }
        }
        status.setConditions(conditions.list());
        return new Plan(delete, create, status, release, tell, backoff, again);
    }

    private static @Nullable Integer zeroIsAbsent(int count) {
        return count == 0 ? null : count;
    }

    private static @Nullable String emptyIsAbsent(String text) {
        return text.isEmpty() ? null : text;
    }

    /** Ended pods, all of them counted by now; every pod when the job is over or leaving anyway. */
    private List<Pod> release() {
        boolean all = job.getMetadata().getDeletionTimestamp() != null;
        return tracked().stream()
                .filter(p -> all || JobPods.hasSucceeded(p) || JobPods.hasFailed(job, p) || Pods.isTerminal(p))
                .toList();
    }

    private void end() {
        var failure = conditions.get(FAILURE_TARGET);
        var target = failure != null ? failure : Objects.requireNonNull(conditions.get(SUCCESS_CRITERIA_MET));
        conditions.set(failure != null ? FAILED : COMPLETE, true, target.getReason(), target.getMessage());
        if (failure == null) {
            status.setCompletionTime(time());
            tell.add(new Tell(false, "Completed", "Job completed"));
        } else {
            tell.add(new Tell(true, target.getReason(), target.getMessage()));
        }
    }
}
