package dev.sampan.client;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A work queue and the virtual threads that reconcile its keys. A failing key is logged and tried again with back-off;
 * conflicts and vanished objects, which only mean that the cache is behind, are logged quietly.
 *
 * <p>Owner: the queue; the threads share nothing but it and what the reconciler owns.
 */
public final class Controller<K> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;

    private final String name;
    private final WorkQueue<K> queue;
    private final int workers;
    private final Reconciler<K> reconciler;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong panics = new AtomicLong();

    public Controller(String name, Timers timers, int workers, Reconciler<K> reconciler) {
        this(name, new WorkQueue<>(timers), workers, reconciler);
    }

    public Controller(String name, WorkQueue<K> queue, int workers, Reconciler<K> reconciler) {
        this.name = name;
        this.queue = queue;
        this.workers = workers;
        this.reconciler = reconciler;
    }

    /** Where handlers put keys; usable before {@link #start}. */
    public WorkQueue<K> queue() {
        return queue;
    }

    public String name() {
        return name;
    }

    /** Reconciles that failed for another reason than an answer of the API, which is a programming error. */
    public long panics() {
        return panics.get();
    }

    /** Starts the workers. */
    public synchronized void start() {
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofVirtual().name(name + "-" + i).start(this::work));
        }
    }

    private void work() {
        try {
            for (var key = queue.take(); key != null; key = queue.take()) {
                process(key);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reconciles one ready key on the calling thread, for tests that step; false when none was ready. */
    public boolean processNext() {
        var key = queue.poll();
        if (key == null) {
            return false;
        }
        process(key);
        return true;
    }

    private void process(K key) {
        try {
            settle(key, reconciler.reconcile(key));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            queue.addRateLimited(key);
        } catch (Throwable failure) {
            fail(key, failure);
        } finally {
            queue.done(key);
        }
    }

    private void settle(K key, Result result) {
        switch (result) {
            case Result.Done() -> queue.forget(key);
            case Result.Again(var after) -> {
                queue.forget(key);
                queue.addAfter(key, after);
            }
            case Result.Retry(var reason) -> {
                LOG.debug("{} {}: will try again: {}", name, key, reason);
                queue.addRateLimited(key);
            }
        }
    }

    private void fail(K key, Throwable failure) {
        if (NamespaceTerminating.is(failure)) {
            LOG.debug("{} {}: its namespace is going away: {}", name, key, failure.getMessage());
            queue.forget(key);
            return;
        }
        queue.addRateLimited(key);
        report(key, failure);
    }

    private void report(K key, Throwable failure) {
        if (failure instanceof KubernetesClientException e && (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND)) {
            LOG.debug("{} {}: the cache is behind, will try again: {}", name, key, e.getMessage());
        } else if (failure instanceof KubernetesClientException e) {
            var message = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
            LOG.warn("{} {}: will try again (failure {}): {}", name, key, queue.failures(key), message);
        } else {
            panics.incrementAndGet();
            LOG.error("{} {}: reconcile failed (failure {})", name, key, queue.failures(key), failure);
        }
        if (failure instanceof VirtualMachineError fatal) {
            throw fatal;
        }
    }

    /** Stops giving out keys and waits for the running reconciles to end. */
    @Override
    public synchronized void close() {
        queue.close();
        try {
            for (var thread : threads) {
                if (!thread.join(java.time.Duration.ofSeconds(10))) {
                    LOG.warn("{}: a reconcile did not end within 10 s, interrupting it", name);
                    thread.interrupt();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }
}
