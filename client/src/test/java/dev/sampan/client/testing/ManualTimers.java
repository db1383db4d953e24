package dev.sampan.client.testing;

import dev.sampan.client.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until a test advances it; due calls run on the advancing thread, in order of time. */
public final class ManualTimers implements Timers {

    private final PriorityQueue<Pending> pending = new PriorityQueue<>();
    private Instant now;
    private long sequence;

    private record Pending(Instant due, long order, Runnable task) implements Comparable<Pending> {
        @Override
        public int compareTo(Pending other) {
            int byTime = due.compareTo(other.due);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    public ManualTimers() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    public ManualTimers(Instant start) {
        now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        var call = schedule(delay.isNegative() ? Duration.ZERO : delay, task);
        return () -> cancel(call);
    }

    private synchronized Pending schedule(Duration delay, Runnable task) {
        var call = new Pending(now.plus(delay), sequence++, task);
        pending.add(call);
        return call;
    }

    private synchronized void cancel(Pending call) {
        pending.remove(call);
    }

    /** Moves the clock, stopping at each due call on the way. */
    public void advance(Duration by) {
        var end = instant().plus(by);
        for (var call = next(end); call != null; call = next(end)) {
            call.task().run();
        }
        moveTo(end);
    }

    /** When the next call is due; null when none waits. */
    public synchronized @Nullable Instant nextDue() {
        var first = pending.peek();
        return first == null ? null : first.due();
    }

    /** How many calls wait. */
    public synchronized int pending() {
        return pending.size();
    }

    private synchronized @Nullable Pending next(Instant end) {
        var first = pending.peek();
        if (first == null || first.due().isAfter(end)) {
            return null;
        }
        pending.poll();
        moveTo(first.due());
        return first;
    }

    private synchronized void moveTo(Instant time) {
        if (time.isAfter(now)) {
            now = time;
        }
    }
}
