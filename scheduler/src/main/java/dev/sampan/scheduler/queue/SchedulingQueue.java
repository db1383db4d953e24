package dev.sampan.scheduler.queue;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.framework.Plugin;
import dev.sampan.scheduler.queue.QueuedPod.Place;
import dev.sampan.scheduler.snapshot.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pods that wait, in four places: active (to be tried, highest priority first), backing off (to be tried at a moment),
 * unschedulable (to be tried when an event of interest to a plugin that rejected them comes) and gated. Owned by the
 * scheduling thread.
 */
public final class SchedulingQueue {

    private static final Comparator<QueuedPod> BY_PRIORITY = Comparator.<QueuedPod>comparingInt(
                    q -> q.pod().priority())
            .reversed()
            .thenComparing(QueuedPod::since)
            .thenComparingLong(QueuedPod::sequence);
    private static final Comparator<QueuedPod> BY_BACKOFF =
            Comparator.comparing(QueuedPod::backoffUntil).thenComparingLong(QueuedPod::sequence);

    private final Map<String, Plugin> plugins;
    private final Backoff backoff;
    private final Duration longestUnschedulable;

    private final Map<String, QueuedPod> byUid = new HashMap<>();
    private final TreeSet<QueuedPod> active = new TreeSet<>(BY_PRIORITY);
    private final TreeSet<QueuedPod> backingOff = new TreeSet<>(BY_BACKOFF);
    private final Set<QueuedPod> unschedulable = new LinkedHashSet<>();
    private final Map<String, Set<QueuedPod>> unschedulableBy = new HashMap<>();
    private long sequence;

    /**
     * @param plugins by name; asked whether an event could unblock a pod
     * @param longestUnschedulable after that time a pod is tried again although no event came
     */
    public SchedulingQueue(Map<String, Plugin> plugins, Backoff backoff, Duration longestUnschedulable) {
        this.plugins = plugins;
        this.backoff = backoff;
        this.longestUnschedulable = longestUnschedulable;
    }

    /** A pod that wants a node appeared or changed. */
    public void put(PodInfo pod, Instant now) {
        QueuedPod known = byUid.get(pod.uid());
        if (known == null) {
            QueuedPod added = new QueuedPod(pod, now, sequence++);
            byUid.put(pod.uid(), added);
            enter(added, pod.gated() ? Place.GATED : Place.ACTIVE, now);
        } else if (known.place() == Place.TAKEN) {
            known.pod(pod);
        } else {
            Place place = known.place();
            boolean wake = !pod.gated()
                    && (place == Place.GATED || (place == Place.UNSCHEDULABLE && specChanged(known.pod(), pod)));
            leave(known);
            known.pod(pod);
            if (wake) {
                wake(known, now);
            } else {
                enterAgain(known, place);
            }
        }
    }

    /** Labels, gates, tolerations and requests can change while a pod waits; its status changes at every attempt. */
    private static boolean specChanged(PodInfo before, PodInfo after) {
        return !before.pod().getSpec().equals(after.pod().getSpec())
                || !before.labels().equals(after.labels());
    }

    /** The pod is gone, or has a node. */
    public void remove(String uid) {
        QueuedPod known = byUid.remove(uid);
        if (known != null) {
            leave(known);
        }
    }

    /** Takes the pod to try now; null when none is ready. It stays known until {@link #remove} or a return. */
    public @Nullable QueuedPod take(Instant now) {
        releaseBackedOff(now);
        QueuedPod next = active.pollFirst();
        if (next != null) {
            next.taken();
        }
        return next;
    }

    /**
     * Returns a taken pod for which there was no node.
     *
     * @param byPlugins whose hints wake it; a name that is no plugin's means that any event does
     */
    public void rejected(QueuedPod pod, Set<String> byPlugins, Instant now) {
        if (byUid.get(pod.pod().uid()) == pod) {
            pod.failed(byPlugins, now.plus(backoff.after(pod.attempts())));
            enter(pod, pod.pod().gated() ? Place.GATED : Place.UNSCHEDULABLE, now);
        }
    }

    /** Returns a taken pod whose attempt failed for a reason outside the pod, such as a refused binding. */
    public void failed(QueuedPod pod, Instant now) {
        if (byUid.get(pod.pod().uid()) == pod) {
            pod.failed(Set.of(), now.plus(backoff.after(pod.attempts())));
            enter(pod, Place.BACKING_OFF, now);
        }
    }

    /** Wakes the pods that the event could unblock. */
    public void on(ClusterEvent event, Instant now) {
        List<QueuedPod> woken = new ArrayList<>();
        unschedulableBy.forEach((name, pods) -> {
            Plugin plugin = plugins.get(name);
            for (QueuedPod pod : pods) {
                if (plugin == null || plugin.mayUnblock(event, pod.pod())) {
                    woken.add(pod);
                }
            }
        });
        for (QueuedPod pod : woken) {
            if (pod.place() == Place.UNSCHEDULABLE) {
                leave(pod);
                wake(pod, now);
            }
        }
    }

    /** Wakes pods that have been unschedulable for too long, as insurance against a missed event. */
    public void tick(Instant now) {
        releaseBackedOff(now);
        List<QueuedPod> old = new ArrayList<>();
        for (QueuedPod pod : unschedulable) {
            if (now.isBefore(pod.since().plus(longestUnschedulable))) {
                break;
            }
            old.add(pod);
        }
        for (QueuedPod pod : old) {
            leave(pod);
            wake(pod, now);
        }
    }

    /** When {@link #tick} or {@link #take} has something to do without any event; null for never. */
    public @Nullable Instant nextDeadline() {
        Instant next = backingOff.isEmpty() ? null : backingOff.first().backoffUntil();
        if (!unschedulable.isEmpty()) {
            Instant flush = unschedulable.iterator().next().since().plus(longestUnschedulable);
            next = next == null || flush.isBefore(next) ? flush : next;
        }
        return next;
    }

    public @Nullable QueuedPod get(String uid) {
        return byUid.get(uid);
    }

    /** How many pods wait, by place: active, backing off, unschedulable, gated. */
    public Map<String, Integer> depths() {
        Map<String, Integer> result = new HashMap<>();
        for (QueuedPod pod : byUid.values()) {
            result.merge(pod.place().name(), 1, Integer::sum);
        }
        return result;
    }

    private void releaseBackedOff(Instant now) {
        while (!backingOff.isEmpty() && !now.isBefore(backingOff.first().backoffUntil())) {
            enter(Objects.requireNonNull(backingOff.pollFirst()), Place.ACTIVE, now);
        }
    }

    private void wake(QueuedPod pod, Instant now) {
        enter(pod, now.isBefore(pod.backoffUntil()) ? Place.BACKING_OFF : Place.ACTIVE, now);
    }

    private void enter(QueuedPod pod, Place place, Instant now) {
        pod.moved(place, now);
        enterAgain(pod, place);
    }

    private void enterAgain(QueuedPod pod, Place place) {
        switch (place) {
            case ACTIVE -> active.add(pod);
            case BACKING_OFF -> backingOff.add(pod);
            case UNSCHEDULABLE -> {
                unschedulable.add(pod);
                for (String plugin : pod.rejectedBy()) {
                    unschedulableBy
                            .computeIfAbsent(plugin, p -> new LinkedHashSet<>())
                            .add(pod);
                }
            }
            case GATED, TAKEN -> {}
        }
    }

    private void leave(QueuedPod pod) {
        switch (pod.place()) {
            case ACTIVE -> active.remove(pod);
            case BACKING_OFF -> backingOff.remove(pod);
            case UNSCHEDULABLE -> {
                unschedulable.remove(pod);
                for (String plugin : pod.rejectedBy()) {
                    Set<QueuedPod> pods = unschedulableBy.get(plugin);
                    if (pods != null) {
                        pods.remove(pod);
                    }
                }
            }
            case GATED, TAKEN -> {}
        }
    }
}
