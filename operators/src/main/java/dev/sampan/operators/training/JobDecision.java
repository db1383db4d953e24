package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to do for a training job, from what there is: a pure function. The rules are those of Kubeflow's training operator v1
 * ({@code pkg/controller.v1/common/job.go}, {@code pod.go} and the frameworks' {@code UpdateJobStatus}).
 *
 * @param changes to make in this order; what is told to the user comes after what it tells of
 * @param lookAgain when time alone calls for another decision; null for never
 */
record JobDecision(List<Change> changes, @Nullable Instant lookAgain) {

    /** Decides for a job and the pods and services that it controls. */
    static JobDecision decide(Job job, List<Pod> pods, List<Service> services, Instant now) {
        return new Deciding(job, pods, services, now).decide();
    }

    /** What becomes of a job that cannot be run: it fails once and says why. */
    static JobDecision reject(String kind, String name, @Nullable JobStatus status, List<String> errors, Instant now) {
        var draft = new StatusDraft(status, now);
        if (draft.finished()) {
            return new JobDecision(List.of(), null);
        }
        var reason = kind + "FailedValidation";
        var message = kind + " failed validation because " + String.join("; ", errors);
        draft.set(JobCondition.CREATED, kind + "Created", created(kind, name));
        draft.complete();
        draft.set(JobCondition.FAILED, reason, message);
        return new JobDecision(
                List.of(new Change.UpdateStatus(draft.finish()), Change.Tell.warning(reason, message)), null);
    }

    private static String created(String kind, String name) {
        return kind + " " + name + " is created.";
    }

    private static final class Deciding {

        private final Job job;
        private final Replicas replicas;
        private final List<Service> services;
        private final Instant now;
        private final StatusDraft status;
        private final JobStatus before;
        private final List<Change> changes = new ArrayList<>();
        private final List<Change.Tell> told = new ArrayList<>();
        private final Set<String> deleted = new HashSet<>();
        private @Nullable Instant lookAgain;

        Deciding(Job job, List<Pod> pods, List<Service> services, Instant now) {
            this.job = job;
            this.replicas = new Replicas(job, pods);
            this.services = services;
            this.now = now;
            this.status = new StatusDraft(job.status(), now);
            this.before = new StatusDraft(job.status(), now).finish();
        }

        JobDecision decide() {
            if (status.condition(JobCondition.CREATED).isEmpty()) {
                status.set(JobCondition.CREATED, job.reason("Created"), created(job.kind(), job.name()));
            }
            if (status.finished()) {
                cleanUp();
            } else if (job.runPolicy().suspended()) {
                suspend();
            } else {
                resumeIfSuspended();
                run();
            }
            if (!status.finish().equals(before)) {
                changes.add(new Change.UpdateStatus(status.finish()));
            }
            changes.addAll(told);
            return new JobDecision(List.copyOf(changes), lookAgain);
        }

        private void run() {
            var limit = exceededLimit();
            if (limit != null) {
                keepOnly(Set.of());
                fail(Change.Tell.normal(job.reason("Failed"), limit));
                return;
            }
            tellOfTrouble();
            job.roles().forEach((role, spec) -> {
                reconcileServices(role, spec);
                reconcilePods(role, spec);
                status.count(role, replicas.status(role));
            });
            judge();
            var start = status.startTime();
            var deadline = job.runPolicy().activeDeadlineSeconds();
            if (start != null && deadline != null && !status.finished()) {
                lookAgain = start.plusSeconds(deadline);
            }
        }

        private @Nullable String exceededLimit() {
            var start = status.startTime();
            var deadline = job.runPolicy().activeDeadlineSeconds();
            var backoff = job.runPolicy().backoffLimit();
            if (backoff != null && isPast(backoff)) {
                return "Job " + job.name() + " has failed because it has reached the specified backoff limit";
            }
            if (start != null && deadline != null && !now.isBefore(start.plusSeconds(deadline))) {
                return "Job " + job.name() + " has failed because it was active longer than specified deadline";
            }
            return null;
        }

        private boolean isPast(int backoffLimit) {
            if (backoffLimit > 0) {
                return replicas.restarts() >= backoffLimit;
            }
            boolean failedAnew = replicas.failed() > status.failedReplicas();
            return replicas.restarts() > 0 || (failedAnew && replicas.active().size() != job.totalReplicas());
        }

        private void reconcileServices(String role, Job.Role spec) {
            Set<String> existing = new HashSet<>();
            services.forEach(service -> existing.add(service.getMetadata().getName()));
            for (int index = 0; index < spec.replicas(); index++) {
                if (!existing.contains(job.replicaName(role, index))) {
                    changes.add(new Change.CreateService(Templates.service(job, role, index)));
                }
            }
            for (int index : replicas.of(role).keySet()) {
                if (index >= spec.replicas() && existing.contains(job.replicaName(role, index))) {
                    changes.add(new Change.DeleteService(job.replicaName(role, index)));
                }
            }
        }

        private void reconcilePods(String role, Job.Role spec) {
            var pods = replicas.of(role);
            for (int index = 0; index < spec.replicas(); index++) {
                if (!pods.containsKey(index)) {
                    createPod(role, index, spec);
                }
            }
            boolean changed = !replicas.status(role).equals(status.replicas(role));
            pods.forEach((index, pod) -> {
                if (index >= spec.replicas()) {
                    deletePod(pod);
                }
                if (changed) {
                    tellOfExit(pod);
                }
                if (Replicas.phase(pod).equals("Failed")) {
                    handleFailure(role, spec, pod);
                }
            });
        }

        private void createPod(String role, int index, Job.Role spec) {
            changes.add(new Change.CreatePod(Templates.pod(job, role, index)));
            if (spec.template().getSpec().getRestartPolicy() != null) {
                told.add(Change.Tell.warning(
                        "SetPodTemplateRestartPolicy",
                        "Restart policy in pod template will be overwritten by restart policy in replica spec"));
            }
        }

        private void handleFailure(String role, Job.Role spec, Pod pod) {
            boolean retryable = replicas.exitCode(pod).orElse(0) >= 128;
            boolean restarts = switch (spec.restartPolicy()) {
                case ALWAYS, ON_FAILURE -> true;
                case EXIT_CODE -> retryable;
                case NEVER -> false;
            };
            if (restarts) {
                var message = "job " + job.name() + " is restarting because " + role + " replica(s) failed.";
                if (deletePod(pod)) {
                    told.add(Change.Tell.warning(job.reason("Restarting"), message));
                }
                status.set(JobCondition.RESTARTING, job.reason("Restarting"), message);
            } else if (spec.restartPolicy() == Job.RestartPolicy.EXIT_CODE) {
                fail(Change.Tell.warning(
                        job.reason("Failed"),
                        "job \"" + job.name() + "\" is failing because \"" + role + "\" replica(s) failed."));
            }
        }

        /** What the states of all pods together mean for the job. */
        private void judge() {
            status.startIfNotStarted();
            var restarting = status.condition(JobCondition.RESTARTING).orElse(null);
            for (var role : job.roles().keySet()) {
                var verdict = job.framework().verdict(job, role, replicas);
                int failed = replicas.status(role).failedCount();
                if (verdict.running()) {
                    status.set(
                            JobCondition.RUNNING,
                            job.reason("Running"),
                            job.kind() + " " + job.namespace() + "/" + job.name() + " is running.");
                }
                if (failed > 0 && restarting != null) {
                    status.set(
                            JobCondition.RESTARTING,
                            Objects.requireNonNullElse(restarting.reason(), ""),
                            Objects.requireNonNullElse(restarting.message(), ""));
                } else if (failed > 0 && !job.framework().outlives(role)) {
                    fail(Change.Tell.normal(
                            job.reason("Failed"),
                            "%s %s/%s has failed because %d %s replica(s) failed."
                                    .formatted(job.kind(), job.namespace(), job.name(), failed, role)));
                }
            }
            if (job.roles().keySet().stream()
                    .anyMatch(
                            role -> job.framework().verdict(job, role, replicas).succeeded())) {
                succeed();
            }
        }

        private void fail(Change.Tell why) {
            if (!status.is(JobCondition.FAILED)) {
                status.complete();
                status.set(JobCondition.FAILED, why.reason(), why.message());
                told.add(why);
            }
        }

        private void succeed() {
            if (!status.finished()) {
                var message = "%s %s/%s successfully completed.".formatted(job.kind(), job.namespace(), job.name());
                status.complete();
                status.set(JobCondition.SUCCEEDED, job.reason("Succeeded"), message);
                told.add(Change.Tell.normal(job.reason("Succeeded"), message));
            }
        }

        private void suspend() {
            keepOnly(Set.of());
            status.noneActive(false);
            var message = job.kind() + " " + job.name() + " is suspended.";
            if (status.is(JobCondition.RUNNING)) {
                status.set(JobCondition.RUNNING, "False", job.reason("Suspended"), message);
            }
            if (!status.is(JobCondition.SUSPENDED)) {
                status.set(JobCondition.SUSPENDED, job.reason("Suspended"), message);
                told.add(Change.Tell.normal(job.reason("Suspended"), message));
            }
        }

        private void resumeIfSuspended() {
            if (status.is(JobCondition.SUSPENDED)) {
                var message = job.kind() + " " + job.name() + " is resumed.";
                status.set(JobCondition.SUSPENDED, "False", job.reason("Resumed"), message);
                status.startAgain();
                told.add(Change.Tell.normal(job.reason("Resumed"), message));
            }
        }

        /** The job is over: pods, services and at last the job itself go as its run policy says. */
        private void cleanUp() {
            switch (Objects.requireNonNullElse(job.runPolicy().cleanPodPolicy(), "None")) {
                case "All" -> keepOnly(Set.of());
                case "Running" -> keepOnly(Set.of("Succeeded", "Failed"));
                default -> {}
            }
            if (status.is(JobCondition.SUCCEEDED)) {
                status.noneActive(true);
            }
            var ttl = job.runPolicy().ttlSecondsAfterFinished();
            var completion = status.completionTime();
            if (ttl == null || completion == null) {
                return;
            }
            var expiry = completion.plusSeconds(ttl);
            if (now.isBefore(expiry)) {
                lookAgain = expiry;
            } else {
                changes.add(new Change.DeleteJob());
            }
        }

        /** Deletes the pods that are in none of the phases, and the services that are left without a pod. */
        private void keepOnly(Set<String> phases) {
            Set<String> kept = new HashSet<>();
            for (var pod : replicas.all()) {
                if (phases.contains(Replicas.phase(pod))) {
                    kept.add(pod.getMetadata().getName());
                } else {
                    deletePod(pod);
                }
            }
            for (var service : services) {
                var name = service.getMetadata().getName();
                if (!kept.contains(name) && !isTerminating(service)) {
                    changes.add(new Change.DeleteService(name));
                }
            }
        }

        private static boolean isTerminating(HasMetadata object) {
            return object.getMetadata().getDeletionTimestamp() != null;
        }

        /** False when that was done before. */
        private boolean deletePod(Pod pod) {
            var name = pod.getMetadata().getName();
            if (isTerminating(pod) || !deleted.add(name)) {
                return false;
            }
            changes.add(new Change.DeletePod(name));
            return true;
        }

        private void tellOfExit(Pod pod) {
            replicas.exitCode(pod)
                    .ifPresent(code -> told.add(Change.Tell.normal(
                            "ExitedWithCode",
                            "Pod: %s.%s exited with code %d"
                                    .formatted(
                                            job.namespace(), pod.getMetadata().getName(), code))));
        }

        private void tellOfTrouble() {
            for (var pod : replicas.active()) {
                told.addAll(Trouble.of(pod));
            }
        }
    }
}
