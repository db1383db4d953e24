package dev.sampan.scheduler;

import dev.sampan.scheduler.decision.Decision;
import dev.sampan.scheduler.decision.Diagnosis;
import dev.sampan.scheduler.decision.Placement;
import dev.sampan.scheduler.decision.Preemption;
import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.plugins.Claims;
import dev.sampan.scheduler.plugins.DefaultProfile;
import dev.sampan.scheduler.plugins.VolumePlan;
import dev.sampan.scheduler.queue.QueuedPod;
import dev.sampan.scheduler.queue.SchedulingQueue;
import dev.sampan.scheduler.snapshot.ClusterCache;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler without threads, clock or network: it is told what changed, makes one attempt at a time, and hands out
 * {@link Effect}s. All state is owned by the one thread that calls it.
 */
final class SchedulingCore {

    /** Stands in for a plugin when there was no node at all: any event may help. */
    private static final Set<String> ANY_EVENT = Set.of("");

    private static final Duration LONGEST_NAP = Duration.ofSeconds(30);

    /** A pod that has its node but is not bound yet. */
    private static final class Reservation {
        private final QueuedPod queued;
        private final PodInfo pod;
        private final String node;
        private final Instant deadline;
        private boolean waitsForVolumes;
        private boolean provisioning;

        Reservation(QueuedPod queued, String node, Instant deadline, boolean waitsForVolumes) {
            this.queued = queued;
            this.pod = queued.pod();
            this.node = node;
            this.deadline = deadline;
            this.waitsForVolumes = waitsForVolumes;
        }
    }

    private final String schedulerName;
    private final Duration assumedPodExpiry;
    private final Duration volumeTimeout;
    private final ClusterCache cache = new ClusterCache();
    private final SchedulingQueue queue;
    private final Placement placement;
    private final Preemption preemption;
    private final RandomGenerator random;
    private final Consumer<Effect> effects;
    private final Map<String, Reservation> reservations = new LinkedHashMap<>();
    private int nextStart;

    SchedulingCore(SchedulerConfig config, RandomGenerator random, Consumer<Effect> effects) {
        DefaultProfile profile = DefaultProfile.create();
        this.schedulerName = config.schedulerName();
        this.assumedPodExpiry = config.assumedPodExpiry();
        this.volumeTimeout = config.volumeTimeout();
        this.queue = new SchedulingQueue(profile.byName(), config.backoff(), config.longestUnschedulable());
        this.placement = new Placement(profile, config.percentageOfNodesToScore());
        this.preemption = new Preemption(profile);
        this.random = random;
        this.effects = effects;
    }

    /** Objects that need no more than to be remembered can be put straight in; follow with {@link #wake}. */
    ClusterCache cache() {
        return cache;
    }

    SchedulingQueue queue() {
        return queue;
    }

    void wake(ClusterEvent event, Instant now) {
        queue.on(event, now);
    }

    // What changed

    void nodeChanged(Node node, Instant now) {
        NodeInfo before = cache.node(node.getMetadata().getName());
        if (before != null && sameForScheduling(before.node(), node)) {
            return;
        }
        queue.on(new ClusterEvent.NodeChanged(before, cache.putNode(node)), now);
    }

    /** Nodes report themselves often without a change that matters here. */
    private static boolean sameForScheduling(Node a, Node b) {
        return Objects.equals(a.getSpec(), b.getSpec())
                && Objects.equals(a.getMetadata().getLabels(), b.getMetadata().getLabels())
                && Objects.equals(
                        a.getStatus() == null ? null : a.getStatus().getAllocatable(),
                        b.getStatus() == null ? null : b.getStatus().getAllocatable())
                && Objects.equals(
                        a.getStatus() == null ? null : a.getStatus().getCapacity(),
                        b.getStatus() == null ? null : b.getStatus().getCapacity());
    }

    void podChanged(Pod pod, Instant now) {
        PodInfo info = cache.podInfo(pod);
        if (info.nodeName() != null) {
            placedPodChanged(info, now);
        } else if (info.terminating() || info.finished()) {
            pendingPodGone(info, now);
        } else if (schedulerName.equals(pod.getSpec().getSchedulerName())
                || pod.getSpec().getSchedulerName() == null) {
            pendingPodChanged(info, now);
        }
    }

    void podDeleted(Pod pod, Instant now) {
        PodInfo info = cache.podInfo(pod);
        if (info.nodeName() == null) {
            pendingPodGone(info, now);
        } else {
            placedPodGone(info, now);
        }
    }

    private void placedPodChanged(PodInfo info, Instant now) {
        settle(info);
        if (info.finished()) {
            placedPodGone(info, now);
            return;
        }
        PodInfo before = cache.putPod(info);
        if (before == null || !before.labels().equals(info.labels())) {
            queue.on(new ClusterEvent.PodPlaced(info), now);
        } else if (info.terminating() && !before.terminating()) {
            // A terminating pod no longer counts for spreading.
            queue.on(new ClusterEvent.PodGone(info), now);
        }
    }

    private void placedPodGone(PodInfo info, Instant now) {
        settle(info);
        if (cache.removePod(info.uid()) != null) {
            queue.on(new ClusterEvent.PodGone(info), now);
        }
    }

    /** The pod has its node, or needs none any more. */
    private void settle(PodInfo info) {
        reservations.remove(info.uid());
        queue.remove(info.uid());
        cache.nominate(info, null);
    }

    private void pendingPodGone(PodInfo info, Instant now) {
        boolean tookRoom = cache.forget(info.uid()) || cache.nomination(info.uid()) != null;
        settle(info);
        if (tookRoom) {
            queue.on(new ClusterEvent.PodGone(info), now);
        }
    }

    private void pendingPodChanged(PodInfo info, Instant now) {
        if (cache.assumed(info.uid())) {
            return;
        }
        cache.nominate(info, info.nominatedNodeName());
        queue.put(info, now);
        if (info.gated()) {
            effects.accept(new Effect.ReportGated(info));
        }
    }

    void claimChanged(PersistentVolumeClaim claim, Instant now) {
        cache.putClaim(claim);
        queue.on(new ClusterEvent.ClaimChanged(claim), now);
        for (Reservation reservation : List.copyOf(reservations.values())) {
            if (reservation.waitsForVolumes
                    && reservation.pod.namespace().equals(claim.getMetadata().getNamespace())
                    && reservation.pod.claims().contains(claim.getMetadata().getName())) {
                continueWhenVolumesReady(reservation, claim, now);
            }
        }
    }

    private void continueWhenVolumesReady(Reservation reservation, PersistentVolumeClaim claim, Instant now) {
        PodInfo pod = reservation.pod;
        if (allClaimsBound(pod)) {
            reservation.waitsForVolumes = false;
            effects.accept(new Effect.Bind(pod, reservation.node));
        } else if (Claims.selectedNode(claim) != null) {
            reservation.provisioning = true;
        } else if (reservation.provisioning && !Claims.bound(claim)) {
            bindingFailed(
                    pod,
                    "provisioning failed for PVC \"%s\""
                            .formatted(claim.getMetadata().getName()),
                    now);
        }
    }

    private boolean allClaimsBound(PodInfo pod) {
        Snapshot snapshot = cache.snapshot();
        for (String name : pod.claims()) {
            PersistentVolumeClaim claim = snapshot.claim(pod.namespace(), name);
            if (claim == null || !Claims.bound(claim)) {
                return false;
            }
        }
        return true;
    }

    // How effects ended

    void bound(PodInfo pod, Instant now) {
        reservations.remove(pod.uid());
        cache.bindingFinished(pod.uid(), now.plus(assumedPodExpiry));
    }

    /** Gives the node back and tries the pod again later. */
    void bindingFailed(PodInfo pod, String message, Instant now) {
        Reservation reservation = reservations.remove(pod.uid());
        boolean tookRoom = cache.forget(pod.uid());
        if (reservation == null) {
            return;
        }
        queue.failed(reservation.queued, now);
        if (tookRoom) {
            queue.on(new ClusterEvent.PodGone(pod), now);
        }
        effects.accept(new Effect.ReportFailure(pod, Effect.Reason.ERROR, message, new Effect.Nomination.Keep()));
    }

    // Attempts

    /** Makes one attempt. @return false when no pod is ready for one */
    boolean step(Instant now) {
        QueuedPod queued = queue.take(now);
        if (queued == null) {
            return false;
        }
        PodInfo pod = queued.pod();
        Snapshot snapshot = cache.snapshot();
        Decision decision = placement.decide(pod, snapshot, nextStart, random);
        nextStart = decision.nextStart();
        switch (decision) {
            case Decision.Place place -> reserve(queued, place.node(), snapshot, now);
            case Decision.NoFit(var diagnosis, var _) -> reject(queued, diagnosis, snapshot, now);
        }
        return true;
    }

    private void reserve(QueuedPod queued, String nodeName, Snapshot snapshot, Instant now) {
        PodInfo pod = queued.pod();
        NodeInfo node = Objects.requireNonNull(snapshot.node(nodeName));
        VolumePlan plan = VolumePlan.of(pod, node, snapshot);
        cache.assume(pod, nodeName);
        cache.nominate(pod, null);
        reservations.put(pod.uid(), new Reservation(queued, nodeName, now.plus(volumeTimeout), !plan.isEmpty()));
        effects.accept(
                plan.isEmpty() ? new Effect.Bind(pod, nodeName) : new Effect.PrepareVolumes(pod, nodeName, plan));
        queue.on(new ClusterEvent.PodPlaced(pod), now);
    }

    private void reject(QueuedPod queued, Diagnosis diagnosis, Snapshot snapshot, Instant now) {
        PodInfo pod = queued.pod();
        if (snapshot.nodes().isEmpty()) {
            queue.rejected(queued, ANY_EVENT, now);
            report(pod, diagnosis.message(""), new Effect.Nomination.Keep());
            return;
        }
        queue.rejected(queued, diagnosis.plugins(), now);
        switch (preemption.decide(pod, snapshot, diagnosis, random)) {
            case Preemption.Outcome.NotPossible(var message, var keepNomination) -> {
                boolean clear = !keepNomination && pod.nominatedNodeName() != null;
                if (clear) {
                    cache.nominate(pod, null);
                }
                report(
                        pod,
                        diagnosis.message(message),
                        clear ? new Effect.Nomination.Set(null) : new Effect.Nomination.Keep());
            }
            case Preemption.Outcome.Evict(var node, var victims) -> {
                List<PodInfo> outranked = new ArrayList<>();
                for (PodInfo other : snapshot.nominated(node)) {
                    if (other.priority() < pod.priority()) {
                        outranked.add(other);
                        cache.nominate(other, null);
                    }
                }
                cache.nominate(pod, node);
                effects.accept(new Effect.Evict(pod, node, victims, outranked));
                report(pod, diagnosis.message(""), new Effect.Nomination.Set(node));
            }
        }
    }

    private void report(PodInfo pod, String message, Effect.Nomination nomination) {
        effects.accept(new Effect.ReportFailure(pod, Effect.Reason.UNSCHEDULABLE, message, nomination));
    }

    // Time

    /** Does what is due by now. */
    void tick(Instant now) {
        queue.tick(now);
        for (PodInfo expired : cache.expire(now)) {
            queue.on(new ClusterEvent.PodGone(expired), now);
            QueuedPod queued = queue.get(expired.uid());
            if (queued != null) {
                queue.failed(queued, now);
            }
        }
        for (Reservation reservation : List.copyOf(reservations.values())) {
            if (reservation.waitsForVolumes && !now.isBefore(reservation.deadline)) {
                bindingFailed(reservation.pod, "timed out waiting for the pod's volumes to be bound", now);
            }
        }
    }

    /** When {@link #tick} and {@link #step} want to be called although nothing changed. */
    Instant nextDeadline(Instant now) {
        Instant nap = now.plus(LONGEST_NAP);
        @Nullable Instant queued = queue.nextDeadline();
        return queued != null && queued.isBefore(nap) ? queued : nap;
    }
}
