package dev.sampan.serving.tensor;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The buffers of one request (or one batch). Owned by one thread at a time; nothing may use a buffer after the close. */
public final class BufferScope implements AutoCloseable {
    private final BufferPool pool;
    private final List<ByteBuffer> taken = new ArrayList<>(4);

    BufferScope(BufferPool pool) {
        this.pool = pool;
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
