package dev.sampan.serving.batching;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The queue of requests that may run together. Batches run in a fixed number of places. A request that finds a free place
 * leads: its thread, or one of the executor's if no thread waits for it, runs a batch of what is queued; when it is done, the
 * first one still waiting leads. So an idle model answers without delay, and a busy one in batches of what came meanwhile.
 */
final class Bucket {
    /** Runs that take less are no burden to the network's threads: waking another one would cost about as much. */
    private static final double QUICK_NANOS = 2e6;

    private final BatchOptions options;
    /** Runs a batch and completes every request in it; throws nothing. */
    private final Consumer<List<Pending>> runner;

    private final Executor runs;
    private final Executor soon;
    private final Speed speed;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition full = lock.newCondition();
    private final BatchQueue queue;
    private int running;
    /** Whether a leader has yet to take its batch, which fills meanwhile; nobody else leads until then. */
    private boolean gathering;
    /** Requests that have left the queue without running; they are told so once the lock is free. */
    private List<Loss> losses = List.of();

    private record Loss(Pending pending, ServingException cause) {}

    /**
     * @param runs where batches run whose first request has no thread of its own
     * @param soon where they run if that takes no time worth mentioning: the thread that reads requests, once it has read them
     */
    Bucket(
            BatchOptions options,
            Consumer<List<Pending>> runner,
            Executor runs,
            Executor soon,
            Speed speed,
            LongSupplier nanoTime) {
        this.options = options;
        this.runner = runner;
        this.runs = runs;
        this.soon = soon;
        this.speed = speed;
        this.nanoTime = nanoTime;
        this.queue = new BatchQueue(options.maxQueuedRows());
    }

    /**
     * Runs a request, alone or with others; returns when it has its outputs.
     *
     * @throws ServingException RESOURCE_EXHAUSTED if too many are waiting, DEADLINE_EXCEEDED if its time is over before it runs
     */
    Map<String, Tensor> run(Waiting own) {
        var batch = enter(own, options.delay().isPositive()) ? first() : null;
        while (true) {
            if (batch != null && !batch.isEmpty()) {
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

    /**
     * Queues a request whose outcome will be told; does not block.
     *
     * @throws ServingException as {@link #run}, but a deadline that passes in the queue is told as the outcome
     */
    void start(Called own) {
        boolean delayed = options.delay().isPositive();
        boolean quick = !delayed && speed.nanosPerRun() > 0 && speed.nanosPerRun() < QUICK_NANOS;
        if (enter(own, delayed || quick)) {
            if (quick) {
                execute(soon, this::leadOnce);
            } else {
                execute(runs, () -> lead(first()));
            }
        }
    }

    /** Has a batch run by a thread of the executor, in a place that is taken already. */
    void leadElsewhere(List<Pending> batch) {
        execute(runs, () -> lead(batch));
    }

    private static void execute(Executor executor, Runnable leader) {
        try {
            executor.execute(leader);
        } catch (RejectedExecutionException e) {
            // The server is closing. Here the batch holds up this thread, but nothing gets lost.
            leader.run();
        }
    }

    /** Runs one batch; the thread has connections to look after. */
    private void leadOnce() {
        var batch = first();
        if (!batch.isEmpty()) {
            runner.accept(batch);
            passOn();
        }
    }

    /** Runs one batch after the other, as long as there are any whose requests have no threads of their own. */
    private void lead(List<Pending> first) {
        List<Pending> batch = first;
        while (!batch.isEmpty()) {
            runner.accept(batch);
            batch = next();
        }
    }

    /**
     * Queues a request; true if the caller now has a place to run batches in.
     *
     * @param gather whether the batch may fill until the caller takes it
     */
    private boolean enter(Pending own, boolean gather) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (own.buffers.expired(now)) {
                throw late();
            }
            admit(own, now);
            if (gathering) {
                if (queue.rows() >= limit()) {
                    full.signal();
                }
                return false;
            }
            if (running == options.parallel()) {
                return false;
            }
            running++;
            gathering = gather;
            return true;
        } finally {
            unlock();
        }
    }

    /** Unlocks, then tells the requests that have been lost. */
    private void unlock() {
        var lost = losses;
        losses = List.of();
        lock.unlock();
        lost.forEach(loss -> loss.pending.fail(loss.cause));
    }

    private void admit(Pending own, long now) {
        if (!queue.isEmpty()) {
            lose(queue.expired(now), Bucket::late);
        }
        if (!queue.isEmpty() && hopeless(own, now)) {
            throw full("would have to wait too long");
        }
        switch (queue.offer(own)) {
            case BatchQueue.Admission.Accepted accepted -> own.queuedAt = now;
            case BatchQueue.Admission.Displacing displacing -> {
                own.queuedAt = now;
                lose(displacing.displaced(), () -> full("had to make room for more urgent ones"));
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

    private void lose(List<Pending> gone, Supplier<ServingException> why) {
        if (gone.isEmpty()) {
            return;
        }
        var cause = why.get();
        var more = new ArrayList<>(losses);
        gone.forEach(pending -> more.add(new Loss(pending, cause)));
        losses = more;
    }

    /** Whether the request would have to wait, by the measured speed, longer than it may. */
    private boolean hopeless(Pending own, long now) {
        double wait = speed.nanosPerRow() * queue.rowsBefore(own.buffers.priority()) / options.parallel();
        long deadline = own.buffers.deadlineNanos();
        return wait > options.maxWait().toNanos() || deadline != BufferScope.NO_DEADLINE && wait > deadline - now;
    }

    /**
     * The first batch of a leader. Where more urgent ones fill it, the leader's own request waits on. If nothing is left to
     * run, the batch is empty and the place is free.
     */
    private List<Pending> first() {
        lock.lock();
        try {
            if (gathering) {
                gather();
            }
            var batch = take();
            dispatch();
            if (batch.isEmpty()) {
                running--;
            }
            return batch;
        } finally {
            unlock();
        }
    }

    /** Waits, without the lock, until the batch is full or the delay is over. */
    private void gather() {
        long deadline = nanoTime.getAsLong() + options.delay().toNanos();
        boolean interrupted = false;
        long left = options.delay().toNanos();
        while (queue.rows() < limit() && left > 0) {
            try {
                var unused = full.awaitNanos(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            left = deadline - nanoTime.getAsLong();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        gathering = false;
    }

    /** Gives what is queued to leaders among those who wait, as far as there are free places. */
    private void dispatch() {
        if (gathering || running == options.parallel() || queue.isEmpty()) {
            return;
        }
        lose(queue.expired(nanoTime.getAsLong()), Bucket::late);
        while (running < options.parallel() && !queue.isEmpty()) {
            running++;
            var batch = queue.take(limit());
            batch.getFirst().lead(started(batch));
        }
    }

    private List<Pending> take() {
        lose(queue.expired(nanoTime.getAsLong()), Bucket::late);
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
            unlock();
        }
    }

    /** The next batch for a leader of the executor's; empty if there is none, and the place is free then. */
    private List<Pending> next() {
        lock.lock();
        try {
            if (!gathering && queue.first() instanceof Called) {
                var batch = take();
                if (!batch.isEmpty()) {
                    return batch;
                }
            }
            running--;
            dispatch();
            return List.of();
        } finally {
            unlock();
        }
    }
}
