package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.flowcontrol.PriorityLevel.Waiter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives out seats. While nobody waits a seat costs one atomic addition; everything else is done under one lock, which also
 * guards the queues of all levels.
 */
final class Seats {

    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile List<PriorityLevel> levels = List.of();

    /** @param change changes the levels, under the lock, and returns those there are now */
    void configure(Supplier<List<PriorityLevel>> change) {
        lock.lock();
        try {
            levels = List.copyOf(change.get());
            dispatch();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes seats, waiting in the flow's queue if need be.
     *
     * @return null when it has them; otherwise why not, in Kubernetes' word
     */
    @Nullable
    String take(PriorityLevel level, long flowHash, int width, Duration patience) {
        if (waiting.get() == 0 && level.takeFreely(width)) {
            return null;
        }
        var waiter = new Waiter(width);
        lock.lock();
        try {
            if (level.waiting() == 0 && mayRun(level, width)) {
                level.used.addAndGet(width);
                return null;
            }
            if (!level.enqueue(waiter, flowHash)) {
                return level.limits().queueing() == null ? "concurrency-limit" : "queue-full";
            }
            waiting.incrementAndGet();
            dispatch();
        } finally {
            lock.unlock();
        }
        return await(level, waiter, patience) ? null : "time-out";
    }

    private boolean await(PriorityLevel level, Waiter waiter, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        while (!waiter.admitted && !interrupted && end - System.nanoTime() > 0) {
            LockSupport.parkNanos(this, end - System.nanoTime());
            interrupted = Thread.currentThread().isInterrupted();
        }
        if (waiter.admitted) {
            return true;
        }
        lock.lock();
        try {
            if (level.withdraw(waiter)) {
                waiting.decrementAndGet();
            }
            return waiter.admitted;
        } finally {
            lock.unlock();
        }
    }

    int waiting(PriorityLevel level) {
        lock.lock();
        try {
            return level.waiting();
        } finally {
            lock.unlock();
        }
    }

    void giveBack(PriorityLevel level, int width) {
        level.used.addAndGet(-width);
        if (waiting.get() > 0) {
            lock.lock();
            try {
                dispatch();
            } finally {
                lock.unlock();
            }
        }
    }

    private void dispatch() {
        for (var level : levels) {
            for (var next = level.next(); next != null && mayRun(level, next.width); next = level.next()) {
                level.admitNext();
                waiting.decrementAndGet();
                LockSupport.unpark(next.thread);
            }
        }
    }

    /** Within its own seats, or with what others lend and do not need. */
    private boolean mayRun(PriorityLevel level, int width) {
        int used = level.used.get();
        var limits = level.limits();
        if (used == 0 || used + width <= limits.seats()) {
            return true;
        }
        int lent = 0;
        int borrowed = 0;
        for (var other : levels) {
            if (other != level && !other.limits().exempt()) {
                int free = other.limits().seats() - other.used.get();
                lent += Math.max(0, Math.min(other.limits().lendable(), free));
                borrowed += Math.max(0, -free);
            }
        }
        int extra = Math.min(limits.borrowable(), Math.max(0, lent - borrowed));
        return used + width <= limits.seats() + extra;
    }
}
