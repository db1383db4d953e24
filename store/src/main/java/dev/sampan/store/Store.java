package dev.sampan.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * A key-value store in which every write makes a new revision. Revisions are etcd's: an empty store is at revision 1, each
 * successful write adds exactly one, and they survive restarts.
 *
 * <p>All methods may be called by any thread.
 */
public interface Store extends AutoCloseable {

    /** As an expected revision: write whatever the key holds. */
    long ANY = -1;

    /** As an expected revision: write only if the key does not exist. */
    long ABSENT = 0;

    /** The latest durable state that this process knows. It has all that was written through this store. */
    Snapshot snapshot();

    /**
     * A state that has every write which anybody saw acknowledged before the call, through other processes' stores too. Where nobody else can
     * write it is {@link #snapshot()}; otherwise it waits for an answer over the network.
     *
     * @throws StoreException if there is none
     */
    default Snapshot latest() {
        return snapshot();
    }

    /**
     * The state as it was right after the write of {@code revision}.
     *
     * @throws CompactedException if the history that far back is gone
     * @throws FutureRevisionException if no such write was made yet
     */
    Snapshot snapshot(long revision);

    /**
     * Writes a value. The future completes when the write is on disk, is in {@link #snapshot()} and is on its way to watchers; it
     * fails with {@link RevisionConflictException} when the key is not at the expected revision, with {@link StoreFullException}
     * or another {@link StoreException} when the write could not be made durable, in which case it is not visible to anybody.
     * Actions chained to the future run on a thread of the store and must not block it.
     *
     * @param expectedRevision the {@code modRevision} that the key must have, {@link #ABSENT} or {@link #ANY}
     */
    CompletableFuture<Entry> put(String key, byte[] value, long expectedRevision);

    /**
     * Deletes a key; completes as {@link #put} does, with an entry that carries the deletion's revision and the last value. A
     * key that does not exist is a {@link RevisionConflictException} without a current entry.
     */
    CompletableFuture<Entry> delete(String key, long expectedRevision);

    /**
     * Delivers the events with a revision greater than {@code fromRevision} whose key starts with {@code prefix}: in order, none
     * missed, none twice, past ones first. {@code fromRevision} may lie in the future.
     *
     * @param consumer called by one thread of the store's at a time with one or more events, the same list for every watcher of the
     *     prefix; it must not block or throw: one that throws is cut off
     * @throws CompactedException if events after {@code fromRevision} were compacted away
     */
    Subscription watch(String prefix, long fromRevision, Consumer<List<Event>> consumer);

    /**
     * Forgets the history before {@code revision}; the state at {@code revision} and everything later stays readable. Does nothing
     * if that much was compacted already.
     *
     * @throws FutureRevisionException if no such write was made yet
     */
    void compact(long revision);

    /** Bytes that a store takes on disk, before and after {@link #shrink}. */
    record Shrunk(long before, long after) {}

    /**
     * Gives the space of history that was compacted back to the system. May take seconds, in which writes wait; reads and watches go on. A
     * store that is not on a disk has nothing to give.
     *
     * @throws StoreFullException if there is no space for the copy that is made on the way
     */
    default Shrunk shrink() {
        return new Shrunk(0, 0);
    }

    /** The oldest revision that {@link #snapshot(long)} answers and that {@link #watch} can start from. */
    long compactedRevision();

    /** Finishes the writes that wait, ends all watches, and frees what the store holds. */
    @Override
    void close();

    /** Waits for a write and returns its entry, or throws its {@link StoreException} unwrapped. */
    static Entry await(CompletableFuture<Entry> write) {
        try {
            return write.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
