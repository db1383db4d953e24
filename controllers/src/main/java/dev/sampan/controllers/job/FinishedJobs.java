package dev.sampan.controllers.job;

import dev.sampan.client.Controller;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Deletes finished jobs {@code ttlSecondsAfterFinished} after their end. */
public final class FinishedJobs implements AutoCloseable {

    private final KubernetesClient client;
    private final Timers timers;
    private final Informer<Job> jobs;
    private final Controller<ObjectKey> controller;

    public FinishedJobs(KubernetesClient client, Informers informers, Timers timers) {
        this.client = client;
        this.timers = timers;
        this.jobs = informers.of(Job.class);
        this.controller = new Controller<>("ttl-after-finished", timers, 1, this::reconcile);
        jobs.onAnyChange(job -> {
            if (expiry(job) != null) {
                controller.queue().add(ObjectKey.of(job));
            }
        });
    }

    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private Result reconcile(ObjectKey key) {
        var job = jobs.get(key);
        var expiry = job == null ? null : expiry(job);
        if (expiry == null) {
            return Result.done();
        }
        var left = Duration.between(timers.instant(), expiry);
        if (left.isPositive()) {
            return Result.again(left);
        }
        var api = client.batch().v1().jobs().inNamespace(key.namespace()).withName(key.name());
        var live = api.get();
        if (live != null && expiry.equals(expiry(live))) {
            api.withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
        }
        return Result.done();
    }

    /** When the job may go; null when never. */
    private static @Nullable Instant expiry(Job job) {
        var ttl = job.getSpec().getTtlSecondsAfterFinished();
        if (ttl == null || job.getStatus() == null || job.getMetadata().getDeletionTimestamp() != null) {
            return null;
        }
        return job.getStatus().getConditions().stream()
                .filter(c -> "True".equals(c.getStatus())
                        && (JobConditions.COMPLETE.equals(c.getType()) || JobConditions.FAILED.equals(c.getType())))
                .map(c -> c.getLastTransitionTime())
                .filter(Objects::nonNull)
                .findFirst()
                .map(time -> Instant.parse(time).plusSeconds(ttl))
                .orElse(null);
    }
}
