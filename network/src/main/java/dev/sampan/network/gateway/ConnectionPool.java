package dev.sampan.network.gateway;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Idle connections to backends. Guarded by itself; closes what waits too long. */
final class ConnectionPool implements AutoCloseable {

    private static final int IDLE_PER_BACKEND = 64;
    private static final long LONGEST_IDLE_NANOS = Duration.ofSeconds(30).toNanos();

    private final LongSupplier nanoTime;
    private final Map<InetSocketAddress, Deque<Http1Connection>> idle = new HashMap<>();
    private boolean closed;

    ConnectionPool(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The connection used last, or null when there is none. */
    synchronized @Nullable Http1Connection take(InetSocketAddress address) {
        Deque<Http1Connection> waiting = idle.get(address);
        if (waiting == null) {
            return null;
        }
        Http1Connection connection = waiting.pollFirst();
        while (connection != null && tooOld(connection)) {
            connection.close();
            connection = waiting.pollFirst();
        }
        return connection;
    }

    /** Keeps a connection whose exchange is over; closes it when it is of no more use. */
    void giveBack(Http1Connection connection) {
        boolean kept = false;
        if (connection.reusable()) {
            connection.finished();
            connection.idleSince(nanoTime.getAsLong());
            synchronized (this) {
                Deque<Http1Connection> waiting = idle.computeIfAbsent(connection.address(), a -> new ArrayDeque<>());
                kept = !closed && waiting.size() < IDLE_PER_BACKEND;
                if (kept) {
                    waiting.addFirst(connection);
                }
            }
        }
        if (!kept) {
            connection.close();
        }
    }

    private boolean tooOld(Http1Connection connection) {
        return nanoTime.getAsLong() - connection.idleSince() > LONGEST_IDLE_NANOS;
    }

    /** Closes connections that nobody has taken for long. */
    synchronized void sweep() {
        idle.values().removeIf(waiting -> {
            while (!waiting.isEmpty() && tooOld(waiting.peekLast())) {
                waiting.pollLast().close();
            }
            return waiting.isEmpty();
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        idle.values().forEach(waiting -> waiting.forEach(Http1Connection::close));
        idle.clear();
    }
}
