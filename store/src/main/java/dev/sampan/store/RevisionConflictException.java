package dev.sampan.store;

import org.jspecify.annotations.Nullable;

/** The key is not at the revision that the write expected; nothing was written. */
public final class RevisionConflictException extends StoreException {

    private final transient @Nullable Entry current;

    public RevisionConflictException(String key, long expectedRevision, @Nullable Entry current) {
        super(key + ": expected " + (expectedRevision == Store.ABSENT ? "no entry" : "revision " + expectedRevision)
                + ", found " + (current == null ? "no entry" : "revision " + current.modRevision()));
        this.current = current;
    }

    /** What the key holds instead, durable; null when it does not exist. */
    public @Nullable Entry current() {
        return current;
    }
}
