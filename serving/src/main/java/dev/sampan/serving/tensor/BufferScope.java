package dev.sampan.serving.tensor;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers of one request (or one batch), and the time until which its answer is wanted. Owned by one thread at a time;
 * nothing may use a buffer after the close.
 */
public final class BufferScope implements AutoCloseable {
    static final long NO_DEADLINE = Long.MAX_VALUE;

    private final BufferPool pool;
    private final List<ByteBuffer> taken = new ArrayList<>(4);

    private final long deadlineNanos;

    BufferScope(BufferPool pool, long deadlineNanos) {
        this.pool = pool;
        this.deadlineNanos = deadlineNanos;
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

    @Override
    public void close() {
        taken.forEach(pool::give);
        taken.clear();
    }
}
