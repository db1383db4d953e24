package dev.sampan.client;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Time for actors: what it is now, and calls later. The real one runs on the system's clock, tests advance a manual one. */
public interface Timers extends InstantSource {

    /** Runs a short, non-blocking task once after the delay; at once when the delay is not positive. */
    Timer after(Duration delay, Runnable task);

    /** A pending call. */
    @FunctionalInterface
    interface Timer {
        /** Makes the call not happen, unless it already has. */
        void cancel();
    }

    /** The system's clock with one daemon thread for all delays; a process needs one. */
    static Timers system() {
        var executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("timers").factory());
        executor.setRemoveOnCancelPolicy(true);
        return new Timers() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public Timer after(Duration delay, Runnable task) {
                var future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }
        };
    }
}
