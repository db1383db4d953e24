package dev.sampan.models.parallel;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A worker other than 0: sends its sums to worker 0 and takes the totals from it. Used by one thread. */
final class Follower implements GradientExchange {
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final int CONNECT_MILLIS = 5_000;

    private final String leader;
    private final byte[] job;
    private final int rank;
    private final int size;
    private final Timeouts timeouts;
    private final PrintStream out;
    private @Nullable Frames frames;
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private long step;

    Follower(String leader, byte[] job, int rank, int size, Timeouts timeouts, PrintStream out) {
        this.leader = leader;
        this.job = job;
        this.rank = rank;
        this.size = size;
        this.timeouts = timeouts;
        this.out = out;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public byte[] agree(byte[] state) {
        long deadline = System.nanoTime() + timeouts.join().toNanos();
        boolean told = false;
        while (true) {
            try {
                return join(state, deadline);
            } catch (IOException e) {
                close();
                if (System.nanoTime() - deadline > 0) {
                    throw new WorkerLostException(
                            "worker 0 at " + leader + " could not be joined within " + seconds(timeouts.join()) + ": "
                                    + reason(e),
                            e);
                }
                if (!told) {
                    out.println("worker " + rank + " waits for worker 0 at " + leader + " (" + reason(e) + ")");
                    told = true;
                }
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
    }

    private byte[] join(byte[] state, long deadline) throws IOException {
        var address = new InetSocketAddress(SocketExchange.host(leader), SocketExchange.port(leader));
        if (address.isUnresolved()) {
            throw new IOException("its name is not known yet");
        }
        var socket = new Socket();
        try {
            socket.connect(address, CONNECT_MILLIS);
            var connection = new Frames(socket);
            frames = connection;
            connection.hello(job, rank, size);
            connection.timeout(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            var agreed = connection.readWelcome(state.length);
            connection.timeout(timeouts.step());
            return agreed;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void sum(float[] values) {
        var connection = frames;
        if (connection == null) {
            throw new IllegalStateException("not joined");
        }
        if (buffer.capacity() != values.length * Float.BYTES + Long.BYTES) {
            buffer = Frames.sumsBuffer(values.length);
        }
        try {
            connection.sums(step, values, buffer);
            connection.readSums(step, values, buffer);
            step++;
        } catch (IOException e) {
            throw new WorkerLostException("lost worker 0 at " + leader + " in step " + step + ": " + reason(e), e);
        }
    }

    @Override
    public void close() {
        Leader.closeQuietly(frames);
        frames = null;
    }

    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() / 1000.0 + " s";
    }

    /** A network error in words. */
    static String reason(IOException e) {
        return switch (e) {
            case java.io.EOFException eof -> "it closed the connection";
            case java.net.SocketTimeoutException timeout -> "no answer in time";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
