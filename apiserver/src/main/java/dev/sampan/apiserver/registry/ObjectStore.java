package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.StorageMetrics;
import dev.sampan.store.CompactedException;
import dev.sampan.store.Entry;
import dev.sampan.store.FutureRevisionException;
import dev.sampan.store.RevisionConflictException;
import dev.sampan.store.Snapshot;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import org.jspecify.annotations.Nullable;

/** The store as the verbs see it: keys made from types and names, store errors turned into the API's. */
public final class ObjectStore {

    /** What fits into a request; etcd's own limit of 1.5 MB would shut out definitions that people use. */
    private static final int MAX_OBJECT_BYTES = 3 * 1024 * 1024;

    private final Store store;
    private final StorageMetrics metrics;

    public ObjectStore(Store store, StorageMetrics metrics) {
        this.store = store;
        this.metrics = metrics;
    }

    public Store store() {
        return store;
    }

    @Nullable
    Entry get(StorageType type, String namespace, String name) {
        return store.snapshot().get(type.key(namespace, name));
    }

    /** See {@link Store#latest}. @throws ApiException 503 */
    void catchUp() {
        try {
            store.latest();
        } catch (StoreException e) {
            throw ApiException.unavailable("the latest state could not be read: " + e.getMessage());
        }
    }

    /** @throws ApiException AlreadyExists */
    Entry create(ServedType type, String namespace, String name, byte[] value) {
        var key = type.storage().key(namespace, name);
        try {
            return metrics.timed("create", key, () -> Store.await(store.put(key, checked(value), Store.ABSENT)));
        } catch (RevisionConflictException e) {
            throw ApiException.alreadyExists(type.resource(), name);
        } catch (StoreException e) {
            throw failed(e);
        }
    }

    /** Writes over {@code current}; null when somebody else wrote in between. */
    @Nullable
    Entry replace(Entry current, byte[] value) {
        try {
            return metrics.timed(
                    "update",
                    current.key(),
                    () -> Store.await(store.put(current.key(), checked(value), current.modRevision())));
        } catch (RevisionConflictException e) {
            return null;
        } catch (StoreException e) {
            throw failed(e);
        }
    }

    /** Removes {@code current}; null when somebody else wrote in between. */
    @Nullable
    Entry remove(Entry current) {
        try {
            return metrics.timed(
                    "delete", current.key(), () -> Store.await(store.delete(current.key(), current.modRevision())));
        } catch (RevisionConflictException e) {
            return null;
        } catch (StoreException e) {
            throw failed(e);
        }
    }

    /**
     * The state at a revision.
     *
     * @throws ApiException 410 when it is compacted, 504 when it lies ahead
     */
    Snapshot at(long revision) {
        try {
            return store.snapshot(revision);
        } catch (CompactedException e) {
            throw ApiException.expired("The resourceVersion for the provided list is too old.");
        } catch (FutureRevisionException e) {
            throw Revisions.tooLarge(revision, e.current());
        }
    }

    private static byte[] checked(byte[] value) {
        if (value.length > MAX_OBJECT_BYTES) {
            throw ApiException.tooLarge("Request entity too large: limit is " + MAX_OBJECT_BYTES
                    + " bytes for one object, this one has " + value.length);
        }
        return value;
    }

    private static ApiException failed(StoreException e) {
        return ApiException.internal("the write could not be stored: " + e.getMessage());
    }
}
