package dev.sampan.network.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that waits for its channels to become ready. Everything registered with it is owned by that thread. */
final class EventLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final int BUFFER = 128 * 1024;

    /** Called when a channel is ready. */
    interface Ready {
        void ready(SelectionKey key);
    }

    private record Alarm(long nanoTime, Runnable task) implements Comparable<Alarm> {
        @Override
        public int compareTo(Alarm other) {
            return Long.compare(nanoTime - other.nanoTime, 0);
        }
    }

    private final Selector selector;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final Thread thread;
    private volatile boolean closed;

    EventLoop(String name) {
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Runs the task on this loop's thread, soon. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Runs the task on this loop's thread and waits for its end; not to be called by a loop. */
    void executeAndWait(Runnable task) {
        var done = new CountDownLatch(1);
        execute(() -> {
            try {
                task.run();
            } finally {
                done.countDown();
            }
        });
        try {
            while (!done.await(100, TimeUnit.MILLISECONDS) && thread.isAlive()) {
                // The loop may have ended before it took the task.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    SelectionKey register(SelectableChannel channel, int operations, Ready handler) throws ClosedChannelException {
        return channel.register(selector, operations, handler);
    }

    /** Runs the task on this loop's thread after the delay; called on that thread. */
    void after(Duration delay, Runnable task) {
        alarms.add(new Alarm(System.nanoTime() + delay.toNanos(), task));
    }

    /** Scratch space for the handler that runs now. */
    ByteBuffer buffer() {
        return buffer.clear();
    }

    private void run() {
        while (!closed) {
            try {
                selector.select(EventLoop::dispatch, untilNextAlarm());
                ring();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            } catch (IOException | RuntimeException e) {
                LOG.error("a relay step failed; going on", e);
            }
        }
        for (SelectionKey key : Set.copyOf(selector.keys())) {
            closeQuietly(key.channel());
        }
        closeQuietly(selector);
    }

    /** Milliseconds, 0 for no alarm. */
    private long untilNextAlarm() {
        Alarm next = alarms.peek();
        return next == null ? 0 : Math.max(1, (next.nanoTime - System.nanoTime()) / 1_000_000 + 1);
    }

    private void ring() {
        for (Alarm next = alarms.peek(); next != null && next.nanoTime - System.nanoTime() <= 0; next = alarms.peek()) {
            alarms.poll();
            next.task.run();
        }
    }

    private static void dispatch(SelectionKey key) {
        try {
            ((Ready) key.attachment()).ready(key);
        } catch (CancelledKeyException closedMeanwhile) {
            LOG.trace("closed before it was ready", closedMeanwhile);
        }
    }

    static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.debug("closing {}: {}", resource, e.toString());
        }
    }

    /** Closes all channels and ends the thread. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
