package dev.sampan.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The latest commits, bounded in number and in bytes of superseded values. Written by one thread; {@link #get} may be called by any
 * and answers null for what was pushed out.
 */
final class EventRing {

    /** An event and the whole state right after it. */
    record Commit(Event event, SortedEntries entries) {}

    private final AtomicReferenceArray<@Nullable Commit> slots;
    private final long maxBytes;
    private volatile long oldest;
    private long next;
    private long bytes;

    /** @param next the revision of the first commit that will be added */
    EventRing(int capacity, long maxBytes, long next) {
        this.slots = new AtomicReferenceArray<>(capacity);
        this.maxBytes = maxBytes;
        this.oldest = next;
        this.next = next;
    }

    /** The revision of the oldest commit held; one more than the latest when none is held. */
    long oldest() {
        return oldest;
    }

    void add(Commit commit) {
        while (next - oldest >= slots.length() || (bytes > maxBytes && oldest < next)) {
            dropOldest();
        }
        slots.set(slot(next), commit);
        bytes += retained(commit);
        next++;
    }

    @Nullable
    Commit get(long revision) {
        var commit = slots.get(slot(revision));
        return commit != null && commit.event().revision() == revision ? commit : null;
    }

    /** The events with {@code after < revision <= upTo}, or null when some were pushed out. */
    @Nullable
    List<Event> events(long after, long upTo) {
        var events = new ArrayList<Event>();
        for (long revision = after + 1; revision <= upTo; revision++) {
            var commit = get(revision);
            if (commit == null) {
                return null;
            }
            events.add(commit.event());
        }
        return events;
    }

    private void dropOldest() {
        var commit = slots.getAndSet(slot(oldest), null);
        if (commit != null) {
            bytes -= retained(commit);
        }
        oldest++;
    }

    private static long retained(Commit commit) {
        var previous = commit.event().previous();
        return previous == null ? 0 : previous.value().length;
    }

    private int slot(long revision) {
        return (int) (revision % slots.length());
    }
}
