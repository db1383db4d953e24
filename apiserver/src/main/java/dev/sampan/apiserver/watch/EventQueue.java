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
    private final long maxBytes;
    private final Runnable onOverflow;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<List<Event>> batches = new ArrayDeque<>();
    private long uncountedUpTo;
    private int pending;
    private long bytes;
    private boolean closed;

    /**
     * @param limit events that may wait
     * @param maxBytes of objects that may wait, as they are stored
     * @param uncountedUpTo revision up to which events are history that is replayed, which does not count: the store has it anyway
     * @param onOverflow called once when there is more than may wait; must not block
     */
    EventQueue(int limit, long maxBytes, long uncountedUpTo, Runnable onOverflow) {
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.uncountedUpTo = uncountedUpTo;
        this.onOverflow = onOverflow;
    }

    /** Called by the store; never blocks. */
    void offer(List<Event> events) {
        if (overflows(events)) {
            onOverflow.run();
        }
    }

    private boolean overflows(List<Event> events) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            batches.add(events);
            count(events, 1);
            boolean tooMany = pending > limit || bytes > maxBytes;
            if (tooMany) {
                batches.clear();
                closed = true;
            }
            changed.signal();
            return tooMany;
        } finally {
            lock.unlock();
        }
    }

    private void count(List<Event> events, int sign) {
        if (events.getLast().revision() > uncountedUpTo) {
            pending += sign * events.size();
            for (var event : events) {
                bytes += (long) sign * event.entry().value().length;
            }
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
            if (batch != null) {
                count(batch, -1);
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
