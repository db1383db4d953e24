package dev.sampan.controllers.job;

import dev.sampan.client.Controller;
import dev.sampan.client.Events;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.ownership.Claims;
import dev.sampan.controllers.ownership.Owners;
import dev.sampan.controllers.pods.Bursts;
import dev.sampan.controllers.pods.Expectations;
import dev.sampan.controllers.pods.PodControl;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.controllers.selection.Selectors;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Watches jobs and their pods and applies what {@link JobDecision} decides. */
public final class JobController implements AutoCloseable {

    private static final String KIND = "Job";
    private static final String CONTROLLER = "kubernetes.io/job-controller";
    private static final int NOT_FOUND = 404;

    private final KubernetesClient client;
    private final Timers timers;
    private final Events events;
    private final PodControl podControl;
    private final Bursts bursts;
    private final Expectations expectations;
    private final Map<String, Backoff> backoffs = new ConcurrentHashMap<>();
    private final Informer<Job> jobs;
    private final Informer<Pod> pods;
    private final Controller<ObjectKey> controller;
    private final Controller<ObjectKey> orphans;

    public JobController(KubernetesClient client, Informers informers, Timers timers, int workers, Bursts bursts) {
        this.client = client;
        this.timers = timers;
        this.bursts = bursts;
        this.events = new Events(client, "job-controller", timers);
        this.podControl = new PodControl(client, events);
        this.expectations = new Expectations(timers);
        this.controller = new Controller<>("job", timers, workers, this::reconcile);
        this.orphans = new Controller<>("job-orphans", timers, 1, this::releaseOrphan);
        this.jobs = informers.of(Job.class);
        this.pods = informers.of(Pod.class);
        jobs.onChange(new JobHandler());
        pods.onChange(new PodHandler());
    }

    public Controller<ObjectKey> controller() {
        return controller;
    }

    public void start() {
        controller.start();
        orphans.start();
    }

    @Override
    public void close() {
        controller.close();
        orphans.close();
        events.close();
    }

    private final class JobHandler implements Informer.AnyChange<Job> {
        @Override
        public void changed(Job job) {
            controller.queue().add(ObjectKey.of(job));
        }

        @Override
        public void deleted(Job job) {
            backoffs.remove(job.getMetadata().getUid());
            changed(job);
            for (var pod : pods.list(job.getMetadata().getNamespace())) {
                if (Owners.isControlledBy(pod, job)) {
                    orphans.queue().add(ObjectKey.of(pod));
                }
            }
        }
    }

    private final class PodHandler implements Informer.Handler<Pod> {
        @Override
        public void added(Pod pod) {
            if (Pods.isTerminating(pod)) {
                deleted(pod);
                return;
            }
            var reference = Owners.controllerOf(pod);
            if (reference == null) {
                enqueueAdopters(pod);
                return;
            }
            var job = enqueueOwner(pod, reference);
            if (job != null) {
                expectations.created(ObjectKey.of(job));
            }
        }

        @Override
        public void updated(Pod before, Pod pod) {
            if (Pods.isTerminating(pod)) {
                deleted(pod);
                return;
            }
            var reference = Owners.controllerOf(pod);
            var referenceBefore = Owners.controllerOf(before);
            if (referenceBefore != null && !referenceBefore.equals(reference)) {
                enqueueOwner(before, referenceBefore);
            }
            if (reference != null) {
                enqueueOwner(pod, reference);
            } else {
                enqueueAdopters(pod);
            }
        }

        @Override
        public void deleted(Pod pod) {
            var reference = Owners.controllerOf(pod);
            var job = reference == null ? null : enqueueOwner(pod, reference);
            if (job != null) {
                expectations.deleted(ObjectKey.of(job), pod.getMetadata().getUid());
            }
        }
    }

    /** The pod's job; a tracked pod whose job is gone is let go. */
    private @Nullable Job enqueueOwner(Pod pod, OwnerReference reference) {
        if (!KIND.equals(reference.getKind())) {
            return null;
        }
        var job = jobs.get(pod.getMetadata().getNamespace(), reference.getName());
        if (job == null || !Objects.equals(job.getMetadata().getUid(), reference.getUid())) {
            if (JobPods.isTracked(pod)) {
                orphans.queue().add(ObjectKey.of(pod));
            }
            return null;
        }
        controller.queue().add(ObjectKey.of(job));
        return job;
    }

    private void enqueueAdopters(Pod pod) {
        for (var job : jobs.list(pod.getMetadata().getNamespace())) {
            if (Selectors.matching(job.getSpec().getSelector()).test(Selectors.labels(pod))) {
                controller.queue().add(ObjectKey.of(job));
            }
        }
    }

    private Result releaseOrphan(ObjectKey key) {
        var pod = pods.get(key);
        var reference = pod == null ? null : Owners.controllerOf(pod);
        if (pod == null || !JobPods.isTracked(pod)) {
            return Result.done();
        }
        boolean owned = reference != null
                && KIND.equals(reference.getKind())
                && live(key.namespace(), reference.getName(), reference.getUid()) != null;
        if (!owned) {
            removeFinalizer(pod);
        }
        return Result.done();
    }

    private @Nullable Job live(String namespace, String name, String uid) {
        var job =
                client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
        return job == null || !Objects.equals(job.getMetadata().getUid(), uid) ? null : job;
    }

    private Result reconcile(ObjectKey key) {
        var job = jobs.get(key);
        if (job == null) {
            expectations.forget(key);
            return Result.done();
        }
        var manager = job.getSpec().getManagedBy();
        if (manager != null && !manager.equals(CONTROLLER)) {
            return Result.done();
        }
        boolean current = expectations.satisfied(key);
        var uid = job.getMetadata().getUid();
        var plan = JobDecision.decide(
                job, claim(job), backoffs.getOrDefault(uid, Backoff.NONE), current, timers.instant());
        var failure = apply(key, job, plan);
        if (failure != null) {
            throw failure;
        }
        var again = plan.again();
        if (!expectations.satisfied(key)) {
            var timeout = expectations.untilTimeout(key);
            again = again == null || timeout.compareTo(again) < 0 ? timeout : again;
        }
        return again == null ? Result.done() : Result.again(again);
    }

    private List<Pod> claim(Job job) {
        var metadata = job.getMetadata();
        var decision = Claims.decide(
                job, Selectors.matching(job.getSpec().getSelector()), pods.list(metadata.getNamespace()), p -> true);
        return Claims.apply(
                job,
                decision,
                client.pods(),
                client.getKubernetesSerialization(),
                () -> live(metadata.getNamespace(), metadata.getName(), metadata.getUid()));
    }

    /** The first failure of creating or deleting; the status is written all the same. */
    private @Nullable RuntimeException apply(ObjectKey key, Job job, JobDecision.Plan plan) {
        var failure = delete(key, job, plan.delete());
        int created = 0;
        if (!plan.create().isEmpty()) {
            expectations.expectCreations(key, plan.create().size());
            var outcome = bursts.slowStart(
                    plan.create().size(),
                    i -> podControl.create(JobPods.make(job, plan.create().get(i)), job));
            created = outcome.done();
            for (int i = created; i < plan.create().size(); i++) {
                expectations.created(key);
            }
            failure = leaving(outcome.failure()) ? failure : outcome.failure();
        }
        var status = plan.status();
        if (created > 0) {
            status.setActive(Objects.requireNonNullElse(status.getActive(), 0) + created);
        }
        updateStatus(job, status);
        backoffs.put(job.getMetadata().getUid(), plan.backoff());
        plan.tell().forEach(t -> {
            if (t.warning()) {
                events.warning(job, t.reason(), t.message());
            } else {
                events.normal(job, t.reason(), t.message());
            }
        });
        var release = bursts.all(
                plan.release().size(), i -> removeFinalizer(plan.release().get(i)));
        return failure != null ? failure : release.failure();
    }

    private static boolean leaving(@Nullable RuntimeException failure) {
        return failure instanceof KubernetesClientException e && PodControl.isNamespaceTerminating(e);
    }

    private @Nullable RuntimeException delete(ObjectKey key, Job job, List<Pod> victims) {
        if (victims.isEmpty()) {
            return null;
        }
        expectations.expectDeletions(
                key, victims.stream().map(p -> p.getMetadata().getUid()).toList());
        return bursts.all(victims.size(), i -> {
                    try {
                        podControl.delete(victims.get(i), job);
                    } catch (RuntimeException e) {
                        expectations.deleted(key, victims.get(i).getMetadata().getUid());
                        throw e;
                    }
                })
                .failure();
    }

    private void updateStatus(Job job, JobStatus status) {
        if (!status.equals(job.getStatus())) {
            client.resource(new JobBuilder(job).withStatus(status).build()).updateStatus();
        }
    }

    /** A strategic merge patch that names the finalizer disturbs no other writer. */
    private void removeFinalizer(Pod pod) {
        var metadata = new HashMap<String, Object>();
        metadata.put("uid", pod.getMetadata().getUid());
        metadata.put("$deleteFromPrimitiveList/finalizers", List.of(JobPods.FINALIZER));
        try {
            client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .patch(
                            PatchContext.of(PatchType.STRATEGIC_MERGE),
                            client.getKubernetesSerialization().asJson(Map.of("metadata", metadata)));
        } catch (KubernetesClientException e) {
            if (e.getCode() != NOT_FOUND && e.getCode() != 409) {
                throw e;
            }
        }
    }
}
