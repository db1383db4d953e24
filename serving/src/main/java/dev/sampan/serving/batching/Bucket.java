package dev.sampan.serving.batching;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue of requests that may run together. There is no batching thread: a request that finds a free place leads, that is,
 * its thread runs a batch of what is queued, itself included; when it is done, it makes the first one still waiting the next
 * leader. So an idle model answers without any hand-over, and a busy one in batches of what came meanwhile.
 */
final class Bucket {
    private final BatchOptions options;
    /** Runs a batch and completes every request in it. */
    private final Consumer<List<Pending>> runner;

    private final Speed speed;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    private int queuedRows;
    private int running;
    /** A leader that waits for its batch to fill; nobody else leads meanwhile. */
    private @Nullable Pending gathering;

    Bucket(BatchOptions options, Consumer<List<Pending>> runner, Speed speed, LongSupplier nanoTime) {
        this.options = options;
        this.runner = runner;
        this.speed = speed;
        this.nanoTime = nanoTime;
    }

    /**
     * Runs a request, alone or with others; returns when it has its outputs.
     *
     * @throws ServingException RESOURCE_EXHAUSTED if too many are waiting, DEADLINE_EXCEEDED if its time is over before it runs
     */
    Map<String, Tensor> run(Pending own) {
        var batch = enter(own);
        if (batch == null) {
            batch = own.await();
        }
        if (batch != null) {
            try {
                runner.accept(alive(batch));
            } finally {
                passOn();
            }
        }
        return own.result();
    }

    /** Queues a request; the batch to run if it leads, else null. A leader is always in its own batch. */
    private @Nullable List<Pending> enter(Pending own) {
        lock.lock();
        try {
            if (!queue.isEmpty() && overloaded(own.rows)) {
                throw new ServingException(
                        Code.RESOURCE_EXHAUSTED,
                        "The batch scheduling queue to which this task was submitted is full; " + queuedRows
                                + " rows are waiting");
            }
            queue.add(own);
            queuedRows += own.rows;
            var gatherer = gathering;
            if (gatherer != null) {
                if (queuedRows >= limit()) {
                    gatherer.wake();
                }
                return null;
            }
            if (running == options.parallel()) {
                return null;
            }
            running++;
            if (options.delay().isPositive()) {
                gather(own);
            }
            var batch = take();
            dispatch();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Waits, without the lock, until the batch is full or the delay is over. */
    private void gather(Pending own) {
        long deadline = nanoTime.getAsLong() + options.delay().toNanos();
        gathering = own;
        long left = options.delay().toNanos();
        while (queuedRows < limit() && left > 0) {
            lock.unlock();
            try {
                Pending.pause(left);
            } finally {
                lock.lock();
            }
            left = deadline - nanoTime.getAsLong();
        }
        gathering = null;
    }

    /** Gives what is queued to leaders among those who wait, as far as there are free places. */
    private void dispatch() {
        while (gathering == null && running < options.parallel() && !queue.isEmpty()) {
            running++;
            var leader = queue.element();
            leader.lead(take());
        }
    }

    private boolean overloaded(int rows) {
        return queuedRows + rows > options.maxQueuedRows()
                || speed.nanosPerRow() * queuedRows / options.parallel()
                        > options.maxWait().toNanos();
    }

    private List<Pending> take() {
        var batch = new ArrayList<Pending>();
        int rows = 0;
        int limit = limit();
        for (var next = queue.peek(); next != null; next = queue.peek()) {
            if (!batch.isEmpty() && rows + next.rows > limit) {
                break;
            }
            batch.add(next);
            rows += next.rows;
            queue.remove();
        }
        queuedRows -= rows;
        return batch;
    }

    /** Largest batch that is worth it now. */
    private int limit() {
        double perRow = speed.nanosPerRow();
        if (options.latencyTarget().isZero() || perRow <= 0) {
            return options.maxRows();
        }
        return (int) Math.clamp((long) (options.latencyTarget().toNanos() / 2 / perRow), 1, options.maxRows());
    }

    /** Without those whose time is over: nobody waits for their answer any more. */
    private List<Pending> alive(List<Pending> batch) {
        long now = nanoTime.getAsLong();
        var alive = new ArrayList<Pending>(batch.size());
        for (var pending : batch) {
            if (pending.buffers.expired(now)) {
                pending.fail(new ServingException(
                        Code.DEADLINE_EXCEEDED, "The deadline passed before the request could run"));
            } else {
                alive.add(pending);
            }
        }
        return alive;
    }

    private void passOn() {
        lock.lock();
        try {
            running--;
            dispatch();
        } finally {
            lock.unlock();
        }
    }
}
