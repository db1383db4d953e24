package dev.sampan.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Many watchers that count down what is expected of them, and the writes that they watch. */
final class FanOut {

    private static final long PATIENCE = 60;

    /** Makes one change that every watcher sees, and returns when it is acknowledged. */
    interface Write {
        void run() throws Exception;
    }

    /** Starts a watcher that calls back for each event. */
    interface Watch {
        void start(Runnable onEvent) throws Exception;
    }

    private final Write write;
    private final int watchers;
    private volatile CountDownLatch expected = new CountDownLatch(0);

    /** Starts the watchers; returns when all of them get events. */
    FanOut(int watchers, Watch watch, Write write) throws Exception {
        this.write = write;
        this.watchers = watchers;
        for (int i = 0; i < watchers; i++) {
            watch.start(() -> expected.countDown());
        }
        for (int i = 0; i < 60; i++) {
            if (writeOnce().await(1, TimeUnit.SECONDS)) {
                return;
            }
        }
        throw new IllegalStateException("not all watchers get events");
    }

    private CountDownLatch writeOnce() throws Exception {
        var latch = new CountDownLatch(watchers);
        expected = latch;
        write.run();
        return latch;
    }

    /** From each write's acknowledgement to the event's arrival at the last watcher, writing at a fixed rate. */
    Latencies lags(int events, int rate) throws Exception {
        List<long[]> lags = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < events; i++) {
            long due = start + TimeUnit.SECONDS.toNanos(i) / rate;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            var latch = writeOnce();
            long acknowledged = System.nanoTime();
            await(latch);
            lags.add(new long[] {System.nanoTime() - acknowledged});
        }
        return Latencies.of(lags, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Deliveries a second when writing one after the other as fast as it goes. */
    double flood(int events) throws Exception {
        long start = System.nanoTime();
        var latch = new CountDownLatch(events * watchers);
        expected = latch;
        for (int i = 0; i < events; i++) {
            write.run();
        }
        await(latch);
        return (double) events * watchers / ((System.nanoTime() - start) / 1e9);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(PATIENCE, TimeUnit.SECONDS)) {
            throw new IllegalStateException(latch.getCount() + " deliveries are missing");
        }
    }
}
