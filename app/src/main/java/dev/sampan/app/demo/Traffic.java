package dev.sampan.app.demo;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Steady requests from one thread, counted while something else goes wrong. */
final class Traffic implements AutoCloseable {

    private static final long PAUSE_MILLIS = 5;

    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();
    private final Thread thread;

    private Traffic(Callable<?> request) {
        thread = Thread.ofVirtual().name("demo-traffic").unstarted(() -> send(request));
    }

    static Traffic start(Callable<?> request) {
        var traffic = new Traffic(request);
        traffic.thread.start();
        return traffic;
    }

    private void send(Callable<?> request) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                request.call();
                answered.incrementAndGet();
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                failed.incrementAndGet();
                firstFailure.compareAndSet(null, e.toString());
            }
        }
    }

    long answered() {
        return answered.get();
    }

    long failed() {
        return failed.get();
    }

    @Nullable
    String firstFailure() {
        return firstFailure.get();
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
