package dev.sampan.operators.training;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;

/**
 * The controller of training jobs. Watches TFJobs and the pods and services that they control, decides with {@link JobDecision}, and
 * applies. The kinds have to be installed: see {@link TrainingKinds}.
 */
public final class TrainingOperator implements AutoCloseable {

    private static final String BY_CONTROLLER = "training-job";
    private static final Duration SOONEST = Duration.ofMillis(10);

    private final Informers informers;
    private final Timers timers;
    private final Config config;
    private final Informer<TFJob> jobs;
    private final Informer<Pod> pods;
    private final Informer<Service> services;
    private final Events events;
    private final ChangeApplier applier;
    private final Controller<ObjectKey> controller;

    /**
     * How to run the operator.
     *
     * @param clusterDomain appended to the names by which replicas know each other, such as {@code cluster.local}; usually empty
     * @param workers how many jobs are worked on at a time
     */
    public record Config(String clusterDomain, int workers) {

        public static final Config DEFAULT = new Config("", 2);
    }

    /** @param informers shared with other actors of the process; asked for what the operator needs */
    public TrainingOperator(KubernetesClient client, Informers informers, Timers timers, Config config) {
        this.informers = informers;
        this.timers = timers;
        this.config = config;
        this.jobs = informers.of(TFJob.class);
        this.pods = informers.of(Pod.class).index(BY_CONTROLLER, TrainingOperator::controllers);
        this.services = informers.of(Service.class).index(BY_CONTROLLER, TrainingOperator::controllers);
        this.events = new Events(client, new TensorFlow(false, false, "").operatorName(), timers);
        this.applier = new ChangeApplier(client, events);
        this.controller = new Controller<>("tfjob", timers, config.workers(), this::reconcile);
    }

    /** Waits for a first view of the cluster, then works until closed. */
    public void start() {
        jobs.onAnyChange(job -> controller.queue().add(ObjectKey.of(job)));
        pods.onAnyChange(this::enqueueControllerOf);
        services.onAnyChange(this::enqueueControllerOf);
        informers.start();
        controller.start();
    }

    private void enqueueControllerOf(HasMetadata object) {
        object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController())
                        && owner.getKind().equals(TFJobs.KIND))
                .forEach(owner -> controller
                        .queue()
                        .add(new ObjectKey(object.getMetadata().getNamespace(), owner.getName())));
    }

    private static List<String> controllers(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController())
                        && owner.getKind().equals(TFJobs.KIND))
                .map(owner -> owner.getUid())
                .toList();
    }

    private Result reconcile(ObjectKey key) {
        var job = jobs.get(key);
        if (job == null || job.getMetadata().getDeletionTimestamp() != null) {
            return Result.done(); // the garbage collector removes what it controlled
        }
        var policy = job.getSpec() == null ? null : job.getSpec().runPolicy();
        if (policy != null && policy.managedByAnother()) {
            return Result.done();
        }
        var decision = decide(job);
        applier.apply(job, decision.changes());
        if (decision.lookAgain() == null) {
            return Result.done();
        }
        var wait = Duration.between(timers.instant(), decision.lookAgain());
        return Result.again(wait.compareTo(SOONEST) < 0 ? SOONEST : wait);
    }

    private JobDecision decide(TFJob job) {
        var uid = job.getMetadata().getUid();
        return switch (TFJobs.read(job, config.clusterDomain())) {
            case TFJobs.Reading.Valid(var valid) ->
                JobDecision.decide(
                        valid,
                        pods.indexed(BY_CONTROLLER, uid),
                        services.indexed(BY_CONTROLLER, uid),
                        timers.instant());
            case TFJobs.Reading.Invalid(var errors) ->
                JobDecision.reject(TFJobs.KIND, job.getMetadata().getName(), job.getStatus(), errors, timers.instant());
        };
    }

    /** Finishes what is being worked on. Pods of running jobs go on. */
    @Override
    public void close() {
        controller.close();
        events.close();
    }
}
