package dev.sampan.serving.batching;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
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
    private final BatchQueue queue;
    private int running;
    /** A leader that waits for its batch to fill; nobody else leads meanwhile. */
    private @Nullable Pending gathering;

    Bucket(BatchOptions options, Consumer<List<Pending>> runner, Speed speed, LongSupplier nanoTime) {
        this.options = options;
        this.runner = runner;
        this.speed = speed;
        this.nanoTime = nanoTime;
        this.queue = new BatchQueue(options.maxQueuedRows());
    }

    /**
     * Runs a request, alone or with others; returns when it has its outputs.
     *
     * @throws ServingException RESOURCE_EXHAUSTED if too many are waiting, DEADLINE_EXCEEDED if its time is over before it runs
     */
    Map<String, Tensor> run(Pending own) {
        var batch = enter(own);
        while (true) {
            if (batch != null) {
                try {
                    runner.accept(batch);
                } finally {
                    passOn();
                }
            }
            if (own.done()) {
                return own.result();
            }
            batch = own.await();
        }
    }

    /** Queues a request; the batch to run if it leads, else null. */
    private @Nullable List<Pending> enter(Pending own) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (own.buffers.expired(now)) {
                throw late();
            }
            admit(own, now);
            var gatherer = gathering;
            if (gatherer != null) {
                if (queue.rows() >= limit()) {
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
            // Where more urgent ones fill the batch, the leader is not in it and waits for its turn afterwards.
            var batch = take();
            dispatch();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void admit(Pending own, long now) {
        if (!queue.isEmpty()) {
            fail(queue.expired(now), late());
        }
        if (!queue.isEmpty() && hopeless(own, now)) {
            throw full("would have to wait too long");
        }
        switch (queue.offer(own)) {
            case BatchQueue.Admission.Accepted accepted -> own.queuedAt = now;
            case BatchQueue.Admission.Displacing displacing -> {
                own.queuedAt = now;
                fail(displacing.displaced(), full("had to make room for more urgent ones"));
            }
            case BatchQueue.Admission.Full full -> throw full("is refused");
        }
    }

    private ServingException full(String what) {
        return new ServingException(
                Code.RESOURCE_EXHAUSTED,
                "The batch scheduling queue to which this task was submitted is full; " + queue.rows()
                        + " rows are waiting and this one " + what);
    }

    private static ServingException late() {
        return new ServingException(Code.DEADLINE_EXCEEDED, "The deadline passed before the request could run");
    }

    private static void fail(List<Pending> pending, ServingException cause) {
        pending.forEach(one -> one.fail(cause));
    }

    /** Whether the request would have to wait, by the measured speed, longer than it may. */
    private boolean hopeless(Pending own, long now) {
        double wait = speed.nanosPerRow() * queue.rowsBefore(own.buffers.priority()) / options.parallel();
        long deadline = own.buffers.deadlineNanos();
        return wait > options.maxWait().toNanos() || deadline != BufferScope.NO_DEADLINE && wait > deadline - now;
    }

    /** Waits, without the lock, until the batch is full or the delay is over. */
    private void gather(Pending own) {
        long deadline = nanoTime.getAsLong() + options.delay().toNanos();
        gathering = own;
        long left = options.delay().toNanos();
        while (queue.rows() < limit() && left > 0) {
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
        if (gathering != null || running == options.parallel() || queue.isEmpty()) {
            return;
        }
        fail(queue.expired(nanoTime.getAsLong()), late());
        while (running < options.parallel() && !queue.isEmpty()) {
            running++;
            var batch = queue.take(limit());
            batch.getFirst().lead(started(batch));
        }
    }

    /** The next batch for a thread that leads already; may be empty. */
    private List<Pending> take() {
        fail(queue.expired(nanoTime.getAsLong()), late());
        return started(queue.take(limit()));
    }

    private List<Pending> started(List<Pending> batch) {
        long now = nanoTime.getAsLong();
        for (var pending : batch) {
            pending.buffers.timings().queued(now - pending.queuedAt);
        }
        return batch;
    }

    /** Largest batch that is worth it now. */
    int limit() {
        double perRow = speed.nanosPerRow();
        if (options.latencyTarget().isZero() || perRow <= 0) {
            return options.maxRows();
        }
        return (int) Math.clamp((long) (options.latencyTarget().toNanos() / 2 / perRow), 1, options.maxRows());
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
