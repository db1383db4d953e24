package dev.sampan.apiserver.watch;

import dev.sampan.store.Event;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Events on their way from the store's thread to one watcher's; closes when the watcher falls too far behind. */
final class EventQueue {

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<List<Event>> batches = new ArrayDeque<>();
    private long uncountedUpTo;
    private int pending;
    private boolean closed;

    /**
     * @param limit events that may wait
     * @param uncountedUpTo revision up to which events are history that is replayed, which does not count
     */
    EventQueue(int limit, long uncountedUpTo) {
        this.limit = limit;
        this.uncountedUpTo = uncountedUpTo;
    }

    /** Called by the store; never blocks. */
    void offer(List<Event> events) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            batches.add(events);
            if (events.getLast().revision() > uncountedUpTo) {
                pending += events.size();
            }
            if (pending > limit) {
                batches.clear();
                closed = true;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next events; null when there are none within the time or the queue is closed and empty. */
    @Nullable
    List<Event> poll(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (batches.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            var batch = batches.poll();
            if (batch != null && batch.getLast().revision() > uncountedUpTo) {
                pending -= batch.size();
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return batches.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            batches.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** For messages: how long a poll may take at most. */
    static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
