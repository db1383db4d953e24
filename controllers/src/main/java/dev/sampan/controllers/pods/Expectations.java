package dev.sampan.controllers.pods;

import dev.sampan.client.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Remembers the creations and deletions that a controller has asked for and its cache has not shown yet. Until they are
 * seen, or five minutes have gone by, the cache is too old to count replicas by.
 *
 * <p>Safe for many threads: one lock.
 */
public final class Expectations {

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final InstantSource clock;
    private final Map<ObjectKey, Expected> expected = new HashMap<>();

    private static final class Expected {
        private final Instant since;
        private int creations;
        private final Set<String> deletions = new HashSet<>();

        Expected(Instant since) {
            this.since = since;
        }
    }

    public Expectations(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether the cache shows everything that was asked for on behalf of the key. */
    public synchronized boolean satisfied(ObjectKey key) {
        var waiting = expected.get(key);
        return waiting == null || (waiting.creations <= 0 && waiting.deletions.isEmpty()) || isOver(waiting);
    }

    private boolean isOver(Expected waiting) {
        return !clock.instant().isBefore(waiting.since.plus(TIMEOUT));
    }

    /** When an unsatisfied key gives up waiting: look again then, since nothing else may tell. */
    public synchronized Duration untilTimeout(ObjectKey key) {
        var waiting = expected.get(key);
        return waiting == null ? Duration.ZERO : Duration.between(clock.instant(), waiting.since.plus(TIMEOUT));
    }

    /** Replaces the key's expectations by a number of creations. */
    public synchronized void expectCreations(ObjectKey key, int count) {
        var waiting = new Expected(clock.instant());
        waiting.creations = count;
        expected.put(key, waiting);
    }

    /** Replaces the key's expectations by deletions of objects with these UIDs. */
    public synchronized void expectDeletions(ObjectKey key, Collection<String> uids) {
        var waiting = new Expected(clock.instant());
        waiting.deletions.addAll(uids);
        expected.put(key, waiting);
    }

    /** A creation was seen, or did not happen. */
    public synchronized void created(ObjectKey key) {
        var waiting = expected.get(key);
        if (waiting != null) {
            waiting.creations--;
        }
    }

    /** A deletion was seen, or did not happen. */
    public synchronized void deleted(ObjectKey key, String uid) {
        var waiting = expected.get(key);
        if (waiting != null) {
            waiting.deletions.remove(uid);
        }
    }

    /** Creations that were made and not seen yet; none after the timeout. */
    public synchronized int pendingCreations(ObjectKey key) {
        var waiting = expected.get(key);
        return waiting == null || isOver(waiting) ? 0 : Math.max(0, waiting.creations);
    }

    /**
     * Whether the key's deletion of this object was asked for and not seen yet: it may look alive and is not. After the
     * timeout the object is taken to live: the deletion was lost or undone.
     */
    public synchronized boolean isDeleting(ObjectKey key, String uid) {
        var waiting = expected.get(key);
        return waiting != null && !isOver(waiting) && waiting.deletions.contains(uid);
    }

    public synchronized void forget(ObjectKey key) {
        expected.remove(key);
    }
}
