package dev.sampan.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The latest commits, bounded in number and in bytes of superseded values. Their revisions ascend, but not always by one: a revision
 * may have been somebody else's, and one may have several commits. The owner guards it.
 */
final class EventRing {

    /** An event and the whole state right after it. */
    record Commit(Event event, SortedEntries entries) {

        long revision() {
            return event.revision();
        }
    }

    private final @Nullable Commit[] slots;
    private final long maxBytes;
    private long base;
    private SortedEntries baseEntries;
    private long first; // counts commits, as next does
    private long next;
    private long bytes;

    /** @param base the revision of {@code entries}, the state before the first commit that will be added */
    EventRing(int capacity, long maxBytes, long base, SortedEntries entries) {
        this.slots = new Commit[capacity];
        this.maxBytes = maxBytes;
        this.base = base;
        this.baseEntries = entries;
    }

    /** The oldest revision whose state is known; every later commit is held. */
    long base() {
        return base;
    }

    /** The state at {@link #base()}. */
    SortedEntries baseEntries() {
        return baseEntries;
    }

    void add(Commit commit) {
        while (next - first >= slots.length || (bytes > maxBytes && first < next)) {
            dropOldest();
        }
        slots[slot(next)] = commit;
        bytes += retained(commit);
        next++;
    }

    /** Forgets all commits: what led to this state is not known. */
    void reset(long newBase, SortedEntries entries) {
        while (first < next) {
            dropOldest();
        }
        base = newBase;
        baseEntries = entries;
    }

    /** The state at a revision that is not in the future, or null when it was pushed out. */
    @Nullable
    SortedEntries at(long revision) {
        if (revision < base) {
            return null;
        }
        long after = firstAfter(revision);
        return after == first ? baseEntries : commit(after - 1).entries();
    }

    /** The events with {@code after < revision <= upTo}, or null when some were pushed out. */
    @Nullable
    List<Event> events(long after, long upTo) {
        if (after < base) {
            return null;
        }
        var events = new ArrayList<Event>();
        for (long i = firstAfter(after); i < next && commit(i).revision() <= upTo; i++) {
            events.add(commit(i).event());
        }
        return events;
    }

    /** Number of the first commit with a later revision. */
    private long firstAfter(long revision) {
        long low = first;
        long high = next;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (commit(middle).revision() <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Drops the commits of one revision. */
    private void dropOldest() {
        base = commit(first).revision();
        while (first < next && commit(first).revision() == base) {
            var commit = commit(first);
            baseEntries = commit.entries();
            bytes -= retained(commit);
            slots[slot(first)] = null;
            first++;
        }
    }

    private Commit commit(long number) {
        return Objects.requireNonNull(slots[slot(number)]);
    }

    private static long retained(Commit commit) {
        var previous = commit.event().previous();
        return previous == null ? 0 : previous.value().length;
    }

    private int slot(long number) {
        return (int) (number % slots.length);
    }
}
