package dev.sampan.apiserver.flowcontrol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The seats and queues of one priority level. {@code used} may be changed by anyone; all else under the lock of {@link
 * Seats}.
 */
final class PriorityLevel {

    /**
     * What a level may have.
     *
     * @param exempt whether its requests are not limited at all
     * @param seats requests that run at once
     * @param lendable seats that others may use while they are free
     * @param borrowable seats that it may take from others
     * @param queueing null when what finds no seat is refused
     */
    record Limits(
            boolean exempt,
            int seats,
            int lendable,
            int borrowable,
            @Nullable Queueing queueing) {}

    /** @param handSize queues that a flow may use, the shortest is taken */
    record Queueing(int queues, int handSize, int length) {}

    /** A request that waits. */
    static final class Waiter {
        final int width;
        final Thread thread = Thread.currentThread();
        volatile boolean admitted;

        Waiter(int width) {
            this.width = width;
        }
    }

    private static final class Queue {
        private final Deque<Waiter> waiters = new ArrayDeque<>();

        /** Virtual time at which its first request begins. */
        private double start;
    }

    final String name;
    final String uid;
    final AtomicInteger used = new AtomicInteger();
    private Limits limits;
    private List<Queue> queues = List.of();
    private double virtualTime;
    private int waiting;

    PriorityLevel(String name, String uid, Limits limits) {
        this.name = name;
        this.uid = uid;
        this.limits = limits;
        limit(limits);
    }

    Limits limits() {
        return limits;
    }

    int waiting() {
        return waiting;
    }

    /** New limits; those who wait keep their order in as many queues as there are now. */
    void limit(Limits newLimits) {
        limits = newLimits;
        int wanted = newLimits.queueing() == null ? 0 : newLimits.queueing().queues();
        if (wanted == queues.size()) {
            return;
        }
        var made = new ArrayList<Queue>();
        for (int i = 0; i < Math.max(wanted, waiting > 0 ? 1 : 0); i++) {
            made.add(new Queue());
        }
        for (int i = 0; i < queues.size(); i++) {
            made.get(made.isEmpty() ? 0 : i % Math.max(1, made.size())).waiters.addAll(queues.get(i).waiters);
        }
        queues = made;
    }

    boolean takeFreely(int width) {
        for (int now = used.get(); now == 0 || now + width <= limits.seats(); now = used.get()) {
            if (used.compareAndSet(now, now + width)) {
                return true;
            }
        }
        return false;
    }

    /** Puts a request into the shortest queue of its flow's hand; false when that is full. */
    boolean enqueue(Waiter waiter, long flowHash) {
        var queueing = limits.queueing();
        if (queueing == null || queues.isEmpty()) {
            return false;
        }
        Queue shortest = null;
        for (int index : ShuffleSharding.deal(flowHash, queues.size(), queueing.handSize())) {
            var queue = queues.get(index);
            if (shortest == null || queue.waiters.size() < shortest.waiters.size()) {
                shortest = queue;
            }
        }
        if (shortest == null || shortest.waiters.size() >= queueing.length()) {
            return false;
        }
        if (shortest.waiters.isEmpty()) {
            shortest.start = Math.max(shortest.start, virtualTime);
        }
        shortest.waiters.add(waiter);
        waiting++;
        return true;
    }

    /** The request whose turn it is: the first of the queue that has had least; null when nobody waits. */
    @Nullable
    Waiter next() {
        var queue = nextQueue();
        return queue == null ? null : queue.waiters.peek();
    }

    /** Takes {@link #next} out of its queue and counts its seats. */
    void admitNext() {
        var queue = nextQueue();
        if (queue == null) {
            throw new IllegalStateException("nobody waits");
        }
        var waiter = queue.waiters.remove();
        waiting--;
        virtualTime = Math.max(virtualTime, queue.start);
        queue.start += waiter.width;
        used.addAndGet(waiter.width);
        waiter.admitted = true;
    }

    private @Nullable Queue nextQueue() {
        Queue best = null;
        for (var queue : queues) {
            if (!queue.waiters.isEmpty() && (best == null || queue.start < best.start)) {
                best = queue;
            }
        }
        return best;
    }

    /** The request gives up waiting; false when it was let in meanwhile. */
    boolean withdraw(Waiter waiter) {
        for (var queue : queues) {
            if (queue.waiters.remove(waiter)) {
                waiting--;
                return true;
            }
        }
        return false;
    }
}
