package dev.sampan.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How long after the acknowledgement of a write the last of many watchers of its prefix has the event, writing at a fixed rate; and
 * how many deliveries a second there are when writing as fast as all watchers get everything. The store in process beside etcd over
 * gRPC.
 */
public final class WatchFanOut {

    private static final int EVENTS = 500;
    private static final int FLOOD = 500;
    private static final long PATIENCE = 60;

    private WatchFanOut() {}

    /** Arguments: watchers (default: 1000), events a second (default: 100), a folder on the disk to use (default: target). */
    public static void main(String[] arguments) throws Exception {
        int watchers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000;
        int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        var disk = Path.of(arguments.length > 2 ? arguments[2] : "target");
        try (var workspace = Workspace.in(disk);
                var server = Etcd.start(workspace.path().resolve("etcd"));
                var etcd = KeyValue.OverGrpc.to(server);
                var sqlite = KeyValue.Sqlite.in(workspace.path().resolve("sqlite"))) {
            var ours = new FanOut(sqlite, watchers);
            var theirs = new FanOut(etcd, watchers);
            System.out.printf(
                    "last of %,d watchers at %d events/s: SQLite store %s beside etcd %s %s%n",
                    watchers, rate, lag(ours.paced(rate)), Etcd.version(), lag(theirs.paced(rate)));
            double here = ours.flood();
            double there = theirs.flood();
            System.out.printf(
                    "deliveries to %,d watchers: SQLite store %,.0f/s beside etcd %s %,.0f/s: %.1f times%n",
                    watchers, here, Etcd.version(), there, here / there);
        }
    }

    private static String lag(Latencies latencies) {
        return "p50 %.2f ms, p99 %.2f ms".formatted(latencies.millis(0.5), latencies.millis(0.99));
    }

    /** Watchers of one prefix that count down what is expected of them. */
    private static final class FanOut {

        private static final String PREFIX = "/registry/core/pods/";

        private final KeyValue store;
        private final int watchers;
        private volatile CountDownLatch expected = new CountDownLatch(0);
        private int written;

        FanOut(KeyValue store, int watchers) throws Exception {
            this.store = store;
            this.watchers = watchers;
            for (int i = 0; i < watchers; i++) {
                store.watch(PREFIX, () -> expected.countDown());
            }
            // The first event that all of them get says that all of them watch.
            for (int i = 0; i < 100; i++) {
                write(1).await(1, TimeUnit.SECONDS);
            }
        }

        private CountDownLatch write(int events) throws Exception {
            var latch = new CountDownLatch(events * watchers);
            expected = latch;
            for (int i = 0; i < events; i++) {
                store.put(PREFIX + "default/pod-" + written++ % 100, new byte[1024]);
            }
            return latch;
        }

        Latencies paced(int rate) throws Exception {
            List<long[]> lags = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < EVENTS; i++) {
                long due = start + TimeUnit.SECONDS.toNanos(i) / rate;
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                var latch = write(1);
                long acknowledged = System.nanoTime();
                await(latch);
                lags.add(new long[] {System.nanoTime() - acknowledged});
            }
            return Latencies.of(lags, Duration.ofNanos(System.nanoTime() - start));
        }

        double flood() throws Exception {
            long start = System.nanoTime();
            await(write(FLOOD));
            return (double) FLOOD * watchers / ((System.nanoTime() - start) / 1e9);
        }

        private static void await(CountDownLatch latch) throws InterruptedException {
            if (!latch.await(PATIENCE, TimeUnit.SECONDS)) {
                throw new IllegalStateException(latch.getCount() + " deliveries are missing");
            }
        }
    }
}
