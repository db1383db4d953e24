package dev.sampan.models.parallel;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Worker 0: lets the others in, then adds up everyone's sums, in the order of ranks, and sends the totals back. Whoever
 * cannot name the job is refused. While it waits, each newcomer is read by a thread of its own, so that a silent stranger
 * holds nobody up; afterwards everything happens in the caller's thread and the port is closed.
 */
final class Leader implements GradientExchange {
    private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(10);
    private static final int ACCEPT_MILLIS = 200;

    private final InetSocketAddress address;
    private final byte[] job;
    private final List<String> trainers;
    private final Timeouts timeouts;
    private final PrintStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition joined = lock.newCondition();
    /** By rank; guarded by the lock until all are there. Rank 0 stays empty. */
    private final @Nullable Frames[] peers;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private float[] part = new float[0];
    private long step;

    Leader(InetSocketAddress address, byte[] job, List<String> trainers, Timeouts timeouts, PrintStream out) {
        this.address = address;
        this.job = job;
        this.trainers = trainers;
        this.timeouts = timeouts;
        this.out = out;
        this.peers = new Frames[trainers.size()];
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int size() {
        return peers.length;
    }

    @Override
    public byte[] agree(byte[] state) {
        try (var server = new ServerSocket()) {
            server.setReuseAddress(true);
            server.bind(address);
            out.println("worker 0 waits at " + address.getAddress().getHostAddress() + ":" + address.getPort() + " for "
                    + (peers.length - 1) + " more");
            var acceptor = Thread.ofVirtual().start(() -> accept(server));
            awaitAll();
            server.close();
            acceptor.join();
        } catch (IOException e) {
            close();
            throw new IllegalStateException(
                    "worker 0 cannot listen at " + address.getHostString() + ":" + address.getPort() + ": "
                            + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new WorkerLostException("interrupted while waiting for the other workers", e);
        }
        for (int rank = 1; rank < peers.length; rank++) {
            int peer = rank;
            call(rank, frames -> frames.welcome(state), () -> "while joining worker " + peer);
        }
        return state;
    }

    private void awaitAll() throws InterruptedException {
        long left = timeouts.join().toNanos();
        lock.lock();
        try {
            while (!missing().isEmpty()) {
                if (left <= 0) {
                    close();
                    throw new WorkerLostException(
                            "within " + Follower.seconds(timeouts.join()) + " these did not come: "
                                    + missing().stream()
                                            .map(rank -> "worker " + rank + " (" + trainers.get(rank) + ")")
                                            .collect(Collectors.joining(", ")));
                }
                left = joined.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private List<Integer> missing() {
        return IntStream.range(1, peers.length)
                .filter(rank -> peers[rank] == null)
                .boxed()
                .toList();
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> meet(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    out.println("worker 0 could not accept a connection: " + e.getMessage());
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ACCEPT_MILLIS));
                }
            }
        }
    }

    private void meet(Socket socket) {
        try {
            var frames = new Frames(socket);
            frames.timeout(HELLO_TIMEOUT);
            var hello = frames.readHello();
            var objection = objection(hello);
            if (objection != null) {
                out.println("worker 0 refused " + socket.getRemoteSocketAddress() + ": " + objection);
                frames.refuse(objection);
                frames.close();
                return;
            }
            frames.timeout(timeouts.step());
            admit(hello.rank(), frames);
        } catch (SocketTimeoutException e) {
            drop(socket, "it said nothing");
        } catch (IOException e) {
            drop(socket, Follower.reason(e));
        }
    }

    private @Nullable String objection(Frames.Hello hello) {
        if (hello.version() != Frames.version()) {
            return "protocol version " + hello.version() + " where this worker speaks " + Frames.version();
        }
        if (!hello.sameJob(job)) {
            return "another job, or the same one with other settings (model, data, batch size, seed)";
        }
        if (hello.size() != peers.length || hello.rank() < 1 || hello.rank() >= peers.length) {
            return "worker " + hello.rank() + " of " + hello.size() + " in a job of " + peers.length;
        }
        return null;
    }

    /** A worker that comes again (its pod was restarted) takes the place of its former self. */
    private void admit(int rank, Frames frames) {
        lock.lock();
        try {
            closeQuietly(peers[rank]);
            peers[rank] = frames;
            joined.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void drop(Socket socket, String why) {
        out.println("worker 0 dropped " + socket.getRemoteSocketAddress() + ": " + why);
        closeQuietly(socket);
    }

    @Override
    public void sum(float[] values) {
        if (part.length != values.length) {
            part = new float[values.length];
            buffer = Frames.sumsBuffer(values.length);
        }
        for (int rank = 1; rank < peers.length; rank++) {
            call(rank, frames -> frames.readSums(step, part, buffer), () -> "in step " + step);
            for (int i = 0; i < values.length; i++) {
                values[i] += part[i];
            }
        }
        for (int rank = 1; rank < peers.length; rank++) {
            call(rank, frames -> frames.sums(step, values, buffer), () -> "in step " + step);
        }
        step++;
    }

    private interface Exchange {
        void with(Frames frames) throws IOException;
    }

    private void call(int rank, Exchange exchange, Supplier<String> when) {
        var frames = peers[rank];
        if (frames == null) {
            throw new IllegalStateException("worker " + rank + " has not joined");
        }
        try {
            exchange.with(frames);
        } catch (IOException e) {
            close();
            throw new WorkerLostException(
                    "lost worker " + rank + " at " + trainers.get(rank) + " " + when.get() + ": " + Follower.reason(e),
                    e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            for (int rank = 0; rank < peers.length; rank++) {
                closeQuietly(peers[rank]);
                peers[rank] = null;
            }
        } finally {
            lock.unlock();
        }
    }

    static void closeQuietly(@Nullable AutoCloseable closeable) {
        if (closeable == null) {
            return;
        }
        try {
            closeable.close();
        } catch (Exception e) {
            // The connection is given up: failing to close it changes nothing.
        }
    }
}
