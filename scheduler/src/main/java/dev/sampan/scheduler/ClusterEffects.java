package dev.sampan.scheduler;

import dev.sampan.client.Events;
import dev.sampan.client.Timers;
import dev.sampan.scheduler.plugins.Claims;
import dev.sampan.scheduler.snapshot.PodInfo;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies {@link Effect}s through the API, each on a virtual thread, those of one pod one after the other. How a binding
 * ended is told to the scheduling thread.
 */
final class ClusterEffects implements Consumer<Effect>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterEffects.class);
    private static final PatchContext STRATEGIC = PatchContext.of(PatchType.STRATEGIC_MERGE);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final int NOT_FOUND = 404;

    /** Told by the thread that applied the effect. */
    interface Outcome {
        void bound(PodInfo pod);

        void bindingFailed(PodInfo pod, String message);
    }

    private final KubernetesClient client;
    private final Events events;
    private final Timers timers;
    private final String schedulerName;
    private final Outcome outcome;
    private final Semaphore atOnce;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("scheduler-effect-", 0).factory());
    /** The last effect of each pod that has one under way. */
    private final Map<String, CompletableFuture<Void>> last = new ConcurrentHashMap<>();

    ClusterEffects(
            KubernetesClient client, Events events, Timers timers, String schedulerName, int atOnce, Outcome outcome) {
        this.client = client;
        this.events = events;
        this.timers = timers;
        this.schedulerName = schedulerName;
        this.outcome = outcome;
        this.atOnce = new Semaphore(atOnce);
    }

    @Override
    public void accept(Effect effect) {
        String uid = effect.pod().uid();
        var next = last.compute(
                uid,
                (u, previous) -> previous == null
                        ? CompletableFuture.runAsync(() -> apply(effect), threads)
                        : previous.thenRunAsync(() -> apply(effect), threads));
        var unused = next.whenComplete((done, failure) -> last.remove(uid, next));
    }

    private void apply(Effect effect) {
        atOnce.acquireUninterruptibly();
        try {
            switch (effect) {
                case Effect.Bind bind -> bind(bind);
                case Effect.PrepareVolumes prepare -> prepareVolumes(prepare);
                case Effect.ReportFailure report -> report(report);
                case Effect.ReportGated gated -> reportGated(gated.pod());
                case Effect.Evict evict -> evict(evict);
            }
        } catch (RuntimeException e) {
            if (e instanceof KubernetesClientException refused && refused.getCode() == NOT_FOUND) {
                LOG.debug("{} is gone: {}", effect.pod(), e.getMessage());
            } else {
                LOG.warn("{}: {}", effect.pod(), e.getMessage(), e);
            }
        } finally {
            atOnce.release();
        }
    }

    private void bind(Effect.Bind bind) {
        PodInfo pod = bind.pod();
        var binding = new BindingBuilder()
                .withNewMetadata()
                .withNamespace(pod.namespace())
                .withName(pod.name())
                .withUid(pod.uid())
                .endMetadata()
                .withNewTarget()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(bind.node())
                .endTarget()
                .build();
        String path = "/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.name() + "/binding";
        try {
            if (client.raw(path, "POST", binding) == null) {
                outcome.bindingFailed(pod, "binding rejected: pods \"%s\" not found".formatted(pod.name()));
                return;
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: binding to {} failed: {}", pod, bind.node(), e.getMessage());
            outcome.bindingFailed(pod, "binding rejected: " + e.getMessage());
            return;
        }
        outcome.bound(pod);
        events.normal(pod.pod(), "Scheduled", "Successfully assigned %s to %s".formatted(pod.key(), bind.node()));
    }

    private void prepareVolumes(Effect.PrepareVolumes prepare) {
        try {
            prepare.plan().bind().forEach((claim, volume) -> reserve(prepare.pod(), claim, volume));
            for (PersistentVolumeClaim claim : prepare.plan().provision()) {
                var patch = Map.of("metadata", Map.of("annotations", Map.of(Claims.SELECTED_NODE, prepare.node())));
                client.persistentVolumeClaims()
                        .inNamespace(claim.getMetadata().getNamespace())
                        .withName(claim.getMetadata().getName())
                        .patch(MERGE, json(patch));
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: volumes could not be reserved: {}", prepare.pod(), e.getMessage());
            outcome.bindingFailed(prepare.pod(), "running PreBind plugin \"VolumeBinding\": " + e.getMessage());
        }
    }

    /** Points a free volume at the claim; the volume controller completes the binding. */
    private void reserve(PodInfo pod, String claimName, PersistentVolume volume) {
        var claim = Objects.requireNonNull(client.persistentVolumeClaims()
                .inNamespace(pod.namespace())
                .withName(claimName)
                .get());
        var reference = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "PersistentVolumeClaim",
                "namespace",
                pod.namespace(),
                "name",
                claimName,
                "uid",
                claim.getMetadata().getUid());
        var patch = Map.of(
                "metadata",
                Map.of(
                        "resourceVersion",
                        volume.getMetadata().getResourceVersion(),
                        "annotations",
                        Map.of("pv.kubernetes.io/bound-by-controller", "yes")),
                "spec",
                Map.of("claimRef", reference));
        client.persistentVolumes().withName(volume.getMetadata().getName()).patch(MERGE, json(patch));
    }

    private void report(Effect.ReportFailure report) {
        events.warning(report.pod().pod(), "FailedScheduling", report.message());
        Map<String, Object> status = new LinkedHashMap<>();
        var condition = condition(report.pod(), report.reason().text(), report.message());
        if (condition != null) {
            status.put("conditions", List.of(condition));
        }
        if (report.nomination() instanceof Effect.Nomination.Set(var node)
                && !Objects.equals(node, report.pod().nominatedNodeName())) {
            status.put("nominatedNodeName", node);
        }
        if (!status.isEmpty()) {
            patchStatus(report.pod(), status);
        }
    }

    private void reportGated(PodInfo pod) {
        var condition = condition(pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        if (condition != null) {
            patchStatus(pod, Map.of("conditions", List.of(condition)));
        }
    }

    /** PodScheduled=False with the reason, or null when the pod already says so. */
    private @Nullable Map<String, Object> condition(PodInfo pod, String reason, String message) {
        PodCondition known = null;
        if (pod.pod().getStatus() != null && pod.pod().getStatus().getConditions() != null) {
            for (PodCondition condition : pod.pod().getStatus().getConditions()) {
                known = "PodScheduled".equals(condition.getType()) ? condition : known;
            }
        }
        boolean wasFalse = known != null && "False".equals(known.getStatus());
        if (known != null && wasFalse && reason.equals(known.getReason()) && message.equals(known.getMessage())) {
            return null;
        }
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put("type", "PodScheduled");
        condition.put("status", "False");
        condition.put("reason", reason);
        condition.put("message", message);
        condition.put(
                "lastTransitionTime",
                known != null && wasFalse && known.getLastTransitionTime() != null
                        ? known.getLastTransitionTime()
                        : timestamp());
        return condition;
    }

    private void evict(Effect.Evict evict) {
        for (PodInfo outranked : evict.outranked()) {
            Map<String, Object> none = new LinkedHashMap<>();
            none.put("nominatedNodeName", null);
            patchStatus(outranked, none);
        }
        List<String> failures = new ArrayList<>();
        for (PodInfo victim : evict.victims()) {
            try {
                evict(victim, evict.pod(), evict.node());
            } catch (KubernetesClientException e) {
                if (e.getCode() != NOT_FOUND) {
                    failures.add(victim.key() + ": " + e.getMessage());
                }
            }
        }
        if (!failures.isEmpty()) {
            LOG.warn("{}: could not evict {}", evict.pod(), failures);
        }
    }

    private void evict(PodInfo victim, PodInfo winner, String node) {
        var condition = Map.of(
                "type", "DisruptionTarget",
                "status", "True",
                "reason", "PreemptionByScheduler",
                "message", schedulerName + ": preempting to accommodate a higher priority pod",
                "lastTransitionTime", timestamp());
        patchStatus(victim, Map.of("conditions", List.of(condition)));
        client.pods().inNamespace(victim.namespace()).withName(victim.name()).delete();
        events.normal(victim.pod(), "Preempted", "Preempted by pod %s on node %s".formatted(winner.uid(), node));
    }

    private void patchStatus(PodInfo pod, Map<String, ?> status) {
        client.pods()
                .inNamespace(pod.namespace())
                .withName(pod.name())
                .subresource("status")
                .patch(STRATEGIC, json(Map.of("metadata", Map.of("uid", pod.uid()), "status", status)));
    }

    private String json(Object value) {
        return client.getKubernetesSerialization().asJson(value);
    }

    private String timestamp() {
        Instant now = timers.instant();
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Lets what is under way end. */
    @Override
    public void close() {
        threads.close();
    }
}
