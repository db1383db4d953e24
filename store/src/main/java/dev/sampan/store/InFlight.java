package dev.sampan.store;

/** Counts the writes on their way, so that closing can wait for them. */
final class InFlight {

    private int count; // guarded by this
    private boolean closed; // guarded by this

    /** False after {@link #close}. */
    synchronized boolean begin() {
        if (!closed) {
            count++;
        }
        return !closed;
    }

    synchronized void end() {
        count--;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Lets none begin any more, and waits until all have ended. */
    synchronized void close() {
        closed = true;
        boolean interrupted = false;
        while (count > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
