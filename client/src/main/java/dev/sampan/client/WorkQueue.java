package dev.sampan.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys that need work. A key waits at most once; a key added while it is being worked on is given out again after
 * {@link #done}, never to two workers at once. Semantics are those of client-go's rate-limiting queue.
 *
 * <p>Owner of all its state behind one lock; safe for any number of threads.
 */
public final class WorkQueue<K> {

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(5);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(1000);

    private final Timers timers;
    private final Duration firstBackoff;
    private final Duration maxBackoff;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<K> ready = new ArrayDeque<>();
    private final Set<K> dirty = new HashSet<>();
    private final Set<K> processing = new HashSet<>();
    private final Map<K, Delayed> delayed = new HashMap<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private boolean closed;

    private record Delayed(Instant due, Timers.Timer timer) {}

    /** A queue with client-go's per-key back-off: 5 ms, doubled with each failure, at most 1000 s. */
    public WorkQueue(Timers timers) {
        this(timers, FIRST_BACKOFF, MAX_BACKOFF);
    }

    public WorkQueue(Timers timers, Duration firstBackoff, Duration maxBackoff) {
        this.timers = timers;
        this.firstBackoff = firstBackoff;
        this.maxBackoff = maxBackoff;
    }

    /** Adds a key to be given out as soon as possible. */
    public void add(K key) {
        lock.lock();
        try {
            if (closed || !dirty.add(key) || processing.contains(key)) {
                return;
            }
            ready.add(key);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a key after a delay; of several delays for a key the earliest counts. */
    public void addAfter(K key, Duration delay) {
        if (delay.isZero() || delay.isNegative()) {
            add(key);
            return;
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            var due = timers.instant().plus(delay);
            var waiting = delayed.get(key);
            if (waiting != null) {
                if (!due.isBefore(waiting.due())) {
                    return;
                }
                waiting.timer().cancel();
            }
            delayed.put(key, new Delayed(due, timers.after(delay, () -> fire(key, due))));
        } finally {
            lock.unlock();
        }
    }

    private void fire(K key, Instant due) {
        lock.lock();
        try {
            var waiting = delayed.get(key);
            if (waiting != null && waiting.due().equals(due)) {
                delayed.remove(key);
                add(key);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Counts a failure of the key and adds it after its back-off. */
    public void addRateLimited(K key) {
        addAfter(key, nextBackoff(key));
    }

    private Duration nextBackoff(K key) {
        lock.lock();
        try {
            int earlier = failures.merge(key, 1, Integer::sum) - 1;
            if (earlier > 40) {
                return maxBackoff;
            }
            var delay = firstBackoff.multipliedBy(1L << earlier);
            return delay.compareTo(maxBackoff) > 0 ? maxBackoff : delay;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the key's failures. */
    public void forget(K key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** How often the key failed since it was last forgotten. */
    public int failures(K key) {
        lock.lock();
        try {
            return failures.getOrDefault(key, 0);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a key; the caller owns it until {@link #done}. Null once the queue is closed. */
    public @Nullable K take() throws InterruptedException {
        lock.lock();
        try {
            while (ready.isEmpty() && !closed) {
                changed.await();
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** Like {@link #take} without waiting: null when no key is ready. */
    public @Nullable K poll() {
        lock.lock();
        try {
            return next();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable K next() {
        var key = closed ? null : ready.poll();
        if (key != null) {
            dirty.remove(key);
            processing.add(key);
        }
        return key;
    }

    /** The work that {@link #take} began has ended, well or not. */
    public void done(K key) {
        lock.lock();
        try {
            processing.remove(key);
            if (!closed && dirty.contains(key)) {
                ready.add(key);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Keys that are ready to be taken. */
    public int size() {
        lock.lock();
        try {
            return ready.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is ready and nothing is being worked on; delayed keys do not count. */
    public boolean idle() {
        lock.lock();
        try {
            return ready.isEmpty() && processing.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Gives out nothing more and wakes all who wait. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            delayed.values().forEach(d -> d.timer().cancel());
            delayed.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
