package dev.sampan.store;

import java.time.InstantSource;

/** A store that forgets everything when it is closed; for tests and throw-away clusters. */
public final class MemoryStore extends SequencedStore {

    public MemoryStore() {
        this(Retention.DEFAULT, InstantSource.system());
    }

    /** @param clock what the age of history is told by */
    public MemoryStore(Retention retention, InstantSource clock) {
        super(
                new MemoryJournal(),
                new Journal.Recovered(SortedEntries.EMPTY, FIRST_REVISION, FIRST_REVISION),
                retention,
                clock);
    }
}
