package dev.sampan.serving.tensor;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one request (or one batch) and goes with it: its buffers, the time until which its answer is wanted, how
 * urgent it is, and where its time went. Owned by one thread at a time; nothing may use a buffer after the close.
 */
public final class BufferScope implements AutoCloseable {
    /** In place of a deadline: the answer is wanted whenever it comes. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Priorities go from 1, the most urgent, to 8; this one is in the middle. */
    public static final int USUAL_PRIORITY = 4;

    public static final int PRIORITIES = 8;

    private final BufferPool pool;
    private final List<ByteBuffer> taken = new ArrayList<>(4);

    private long deadlineNanos;
    private int priority;
    private final Timings timings = new Timings();
    private @Nullable Runnable alsoOnClose;

    BufferScope(BufferPool pool, long deadlineNanos, int priority) {
        this.pool = pool;
        this.deadlineNanos = deadlineNanos;
        this.priority = Math.clamp(priority, 1, PRIORITIES);
    }

    /** From 1, the most urgent, to {@link #PRIORITIES}. */
    public int priority() {
        return priority;
    }

    /** Makes the request more or less urgent; before it is queued. */
    public void priority(int newPriority) {
        priority = Math.clamp(newPriority, 1, PRIORITIES);
    }

    /** Brings the deadline forward; a later one than there is changes nothing. */
    public void expireAt(long nanoTime) {
        if (nanoTime != NO_DEADLINE && (deadlineNanos == NO_DEADLINE || nanoTime - deadlineNanos < 0)) {
            deadlineNanos = nanoTime;
        }
    }

    public Timings timings() {
        return timings;
    }

    /** When the answer comes too late, in the terms of {@link System#nanoTime}; {@link #NO_DEADLINE} for never. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Buffers for a piece of this request, with the same deadline and priority, that live until the piece's close. */
    public BufferScope piece() {
        return new BufferScope(pool, deadlineNanos, priority);
    }

    /** Whether the answer comes too late at this {@link System#nanoTime}. */
    public boolean expired(long nanoTime) {
        return deadlineNanos != NO_DEADLINE && nanoTime - deadlineNanos > 0;
    }

    /** A direct buffer in native byte order, limited to {@code bytes}, with arbitrary content. */
    public ByteBuffer take(long bytes) {
        var buffer = pool.take(Math.toIntExact(bytes));
        taken.add(buffer);
        return buffer;
    }

    /** Lets something go with the buffers. */
    public void closing(Runnable more) {
        var before = alsoOnClose;
        alsoOnClose = before == null
                ? more
                : () -> {
                    before.run();
                    more.run();
                };
    }

    @Override
    public void close() {
        taken.forEach(pool::give);
        taken.clear();
        var also = alsoOnClose;
        if (also != null) {
            alsoOnClose = null;
            also.run();
        }
    }
}
