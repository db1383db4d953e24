package dev.sampan.store;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What readers and watchers see of a store: the latest state, its latest history in memory, and the events as they come. One thread
 * publishes, any thread reads; readers of the latest state take no lock.
 */
final class Published {

    private static final int HISTORY_SLICE = 4_000;

    private final History past;
    private final EventRing ring; // guarded by publishing
    private final Watchers watchers = new Watchers();

    /** Held while a group becomes visible, so that a watch begins exactly between two groups. */
    private final ReentrantLock publishing = new ReentrantLock();

    private volatile State state;
    private volatile long compacted;
    private boolean closed; // guarded by publishing

    /** @param past where to look for what memory has lost */
    Published(History past, SortedEntries entries, long revision, long compacted, Retention retention) {
        this.past = past;
        this.ring = new EventRing(retention.memoryRevisions(), retention.memoryBytes(), revision, entries);
        this.state = new State(entries, revision);
        this.compacted = compacted;
        watchers.start();
    }

    /** The entries at one revision. */
    record State(SortedEntries entries, long revision) implements Snapshot {

        @Override
        public @Nullable Entry get(String key) {
            return entries.get(key);
        }

        @Override
        public Iterable<Entry> range(String prefix, @Nullable String startKeyInclusive) {
            return () ->
                    (Iterator<Entry>) entries.range(prefix, startKeyInclusive == null ? prefix : startKeyInclusive);
        }

        @Override
        public long count(String prefix) {
            return entries.count(prefix);
        }
    }

    State latest() {
        return state;
    }

    long compacted() {
        return compacted;
    }

    /** See {@link Store#snapshot(long)}. */
    Snapshot at(long revision) {
        var now = state;
        if (revision > now.revision()) {
            throw new FutureRevisionException(revision, now.revision());
        }
        if (revision < compacted) {
            throw new CompactedException(revision, compacted);
        }
        if (revision == now.revision()) {
            return now;
        }
        long base;
        SortedEntries entries;
        publishing.lock();
        try {
            var remembered = ring.at(revision);
            if (remembered != null) {
                return new State(remembered, revision);
            }
            base = ring.base();
            entries = ring.baseEntries();
        } finally {
            publishing.unlock();
        }
        return new State(rewind(entries, base, revision), revision);
    }

    /** Undoes past events, beginning at the oldest state in memory. */
    private SortedEntries rewind(SortedEntries oldest, long from, long revision) {
        var entries = oldest;
        for (var event : past.history(revision, from).reversed()) {
            entries = event.previous() == null ? entries.without(event.entry().key()) : entries.with(event.previous());
        }
        return entries;
    }

    /** See {@link Store#watch}. */
    Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer) {
        var missed = new ArrayList<Event>();
        long covered = fromRevision;
        while (true) {
            long upTo;
            publishing.lock();
            try {
                if (closed) {
                    throw StoreException.closed();
                }
                if (fromRevision < compacted) {
                    throw new CompactedException(fromRevision, compacted);
                }
                var recent = ring.events(covered, state.revision());
                if (recent != null) {
                    missed.addAll(Watchers.under(prefix, recent));
                    return watchers.join(prefix, fromRevision, missed, consumer);
                }
                upTo = Math.min(ring.base(), covered + HISTORY_SLICE);
            } finally {
                publishing.unlock();
            }
            missed.addAll(Watchers.under(prefix, past.history(covered, upTo)));
            covered = upTo;
        }
    }

    /** Makes commits visible. @param revision of the state after them, even when the last commit is older */
    void publish(List<EventRing.Commit> commits, List<Event> events, SortedEntries entries, long revision) {
        publishing.lock();
        try {
            commits.forEach(ring::add);
            state = new State(entries, revision);
            watchers.publish(events, revision);
        } finally {
            publishing.unlock();
        }
    }

    /** Makes a state visible whose way from the last one is known only as what it changed: earlier ones are history that is gone. */
    void jump(List<Event> events, SortedEntries entries, long revision) {
        publishing.lock();
        try {
            ring.reset(revision, entries);
            state = new State(entries, revision);
            compacted = revision;
            watchers.publish(events, revision);
        } finally {
            publishing.unlock();
        }
    }

    /** From now on nothing before {@code revision} is answered. */
    void forget(long revision) {
        publishing.lock();
        try {
            compacted = Math.max(compacted, revision);
        } finally {
            publishing.unlock();
        }
    }

    /** Ends all watches, after what was published before. */
    void close() {
        publishing.lock();
        try {
            if (!closed) {
                closed = true;
                watchers.stop();
            }
        } finally {
            publishing.unlock();
        }
    }
}
