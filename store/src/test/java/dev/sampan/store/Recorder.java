package dev.sampan.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A consumer that keeps what a watch delivered. */
final class Recorder implements Consumer<List<Event>> {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final List<Event> events = new ArrayList<>();

    @Override
    public synchronized void accept(List<Event> news) {
        events.addAll(news);
        notifyAll();
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    /** What was delivered, once that includes the event of {@code revision}. */
    synchronized List<Event> awaitRevision(long revision) {
        long deadline = System.nanoTime() + PATIENCE;
        while (events.isEmpty() || events.getLast().revision() < revision) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("revision " + revision + " was not delivered, but " + events);
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return List.copyOf(events);
    }

    List<Long> revisionsUpTo(long revision) {
        return awaitRevision(revision).stream().map(Event::revision).toList();
    }
}
