package dev.sampan.apiserver.watch;

import java.util.concurrent.atomic.AtomicReference;

/** Ends the connection of a watcher that does not read: its thread waits in a write and cannot end it. Thread-safe. */
final class Cut {

    private static final Runnable MADE = () -> {};

    private final AtomicReference<Runnable> connection = new AtomicReference<>(() -> {});

    /** Says how the connection is ended; ends it when it is time already. */
    void through(Runnable abort) {
        if (connection.getAndUpdate(present -> present == MADE ? MADE : abort) == MADE) {
            abort.run();
        }
    }

    /** Ends the connection, on a thread of its own. */
    void now() {
        Thread.ofVirtual().name("watch-cut").start(connection.getAndSet(MADE));
    }
}
