package dev.sampan.store;

import java.util.List;

/**
 * Where events are kept. Called by the sequencer thread, but for {@link #history}, which any thread may call at any time.
 */
interface Journal extends History, AutoCloseable {

    /** What a journal held when it was opened. */
    record Recovered(SortedEntries entries, long revision, long compacted) {}

    /**
     * Makes events durable, all or none.
     *
     * @throws StoreException if that failed; then none of them will come back in this process, and the next append may work
     */
    void append(List<Event> events);

    /** Durably notes that history before {@code revision} is not needed any more; frees none of it yet. */
    void compact(long revision);

    /** Frees a slice of what was compacted, in a few milliseconds. True while there is more to free. */
    boolean sweep();

    /** Frees all of what was compacted, and makes what it is kept in as small as it can be. */
    Store.Shrunk shrink();

    @Override
    void close();
}
