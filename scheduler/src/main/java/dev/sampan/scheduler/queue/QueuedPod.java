package dev.sampan.scheduler.queue;

import dev.sampan.scheduler.snapshot.PodInfo;
import java.time.Instant;
import java.util.Set;

/** A pod in the queue, or just taken from it, with the history of its attempts. Owned by the scheduling thread. */
public final class QueuedPod {

    /** Where the pod is. */
    enum Place {
        ACTIVE,
        BACKING_OFF,
        UNSCHEDULABLE,
        GATED,
        TAKEN
    }

    private PodInfo pod;
    private int attempts;
    private final Instant firstSeen;
    private final long sequence;
    private Instant since;
    private Instant backoffUntil = Instant.MIN;
    private Set<String> rejectedBy = Set.of();
    private Place place = Place.TAKEN;

    QueuedPod(PodInfo pod, Instant now, long sequence) {
        this.pod = pod;
        this.firstSeen = now;
        this.since = now;
        this.sequence = sequence;
    }

    public PodInfo pod() {
        return pod;
    }

    /** How often it was tried, the attempt under way included. */
    public int attempts() {
        return attempts;
    }

    /** When the scheduler first saw it. */
    public Instant firstSeen() {
        return firstSeen;
    }

    Instant since() {
        return since;
    }

    long sequence() {
        return sequence;
    }

    Instant backoffUntil() {
        return backoffUntil;
    }

    Set<String> rejectedBy() {
        return rejectedBy;
    }

    Place place() {
        return place;
    }

    void pod(PodInfo changed) {
        pod = changed;
    }

    void taken() {
        attempts++;
        place = Place.TAKEN;
    }

    void moved(Place to, Instant now) {
        place = to;
        since = now;
    }

    void failed(Set<String> plugins, Instant backoffEnd) {
        rejectedBy = plugins;
        backoffUntil = backoffEnd;
    }
}
