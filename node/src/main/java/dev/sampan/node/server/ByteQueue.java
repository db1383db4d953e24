package dev.sampan.node.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client sends on one channel, between the thread that takes it off the connection and the one that uses it. The writer waits while
 * a megabyte is unread, so that a command which reads nothing slows its client down instead of filling the memory.
 */
final class ByteQueue extends InputStream {

    private static final int LIMIT = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
    private int offset;
    private int size;
    private boolean ended;
    private boolean closed;

    /** Adds bytes; waits for room. Dropped when the reader has closed. */
    void put(byte[] bytes) throws InterruptedException {
        lock.lock();
        try {
            while (size >= LIMIT && !closed) {
                changed.await();
            }
            if (!closed && !ended && bytes.length > 0) {
                chunks.add(bytes);
                size += bytes.length;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing follows; what is there can still be read. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            while (chunks.isEmpty() && !ended && !closed) {
                changed.await();
            }
            if (closed) {
                throw new IOException("the channel is closed");
            }
            return chunks.isEmpty() ? -1 : take(target, from, length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        } finally {
            lock.unlock();
        }
    }

    private int take(byte[] target, int from, int length) {
        var first = chunks.element();
        int count = Math.min(length, first.length - offset);
        System.arraycopy(first, offset, target, from, count);
        offset += count;
        size -= count;
        if (offset == first.length) {
            chunks.remove();
            offset = 0;
        }
        changed.signalAll();
        return count;
    }

    /** Nobody reads any more, or the connection has broken: drops what is there. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            chunks.clear();
            size = 0;
            offset = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
