package dev.sampan.serving.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Direct buffers for tensors, kept in classes of sizes that are powers of two: allocating one costs microseconds and a
 * cleaner, taking one from here does not. Thread-safe. Buffers beyond {@code maxIdleBytes} are left to the collector.
 */
public final class BufferPool {
    private static final int SMALLEST_SHIFT = 10;
    private static final int CLASSES = 31 - SMALLEST_SHIFT;

    private final Queue<ByteBuffer>[] idle;
    private final AtomicLong idleBytes = new AtomicLong();
    private final long maxIdleBytes;

    @SuppressWarnings({"unchecked", "rawtypes"})
    public BufferPool(long maxIdleBytes) {
        this.maxIdleBytes = maxIdleBytes;
        this.idle = new Queue[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            idle[i] = new ConcurrentLinkedQueue<>();
        }
    }

    /** Buffers for the time of one request; closing the scope gives them back. */
    public BufferScope scope() {
        return new BufferScope(this, BufferScope.NO_DEADLINE, BufferScope.USUAL_PRIORITY);
    }

    /** The same for a request whose answer is wanted until then, in the terms of {@link System#nanoTime}. */
    public BufferScope scope(long deadlineNanos) {
        return new BufferScope(this, deadlineNanos, BufferScope.USUAL_PRIORITY);
    }

    /** The same for a request that is more or less urgent than others, from 1 (most) to 8. */
    public BufferScope scope(long deadlineNanos, int priority) {
        return new BufferScope(this, deadlineNanos, priority);
    }

    /** A direct buffer in native order with the given limit; its content is arbitrary. */
    ByteBuffer take(int bytes) {
        int sizeClass = sizeClass(bytes);
        var buffer = sizeClass < CLASSES ? idle[sizeClass].poll() : null;
        if (buffer != null) {
            idleBytes.addAndGet(-buffer.capacity());
        } else {
            buffer = ByteBuffer.allocateDirect(sizeClass < CLASSES ? 1 << (sizeClass + SMALLEST_SHIFT) : bytes)
                    .order(ByteOrder.nativeOrder());
        }
        return buffer.clear().limit(bytes);
    }

    void give(ByteBuffer buffer) {
        int sizeClass = sizeClass(buffer.capacity());
        if (sizeClass < CLASSES && idleBytes.get() + buffer.capacity() <= maxIdleBytes) {
            idleBytes.addAndGet(buffer.capacity());
            idle[sizeClass].add(buffer);
        }
    }

    private static int sizeClass(int bytes) {
        return Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1) - SMALLEST_SHIFT);
    }
}
