package dev.sampan.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what was asked; subclasses say why, this class itself stands for trouble with the disk or the network. */
public sealed class StoreException extends RuntimeException
        permits CompactedException, FutureRevisionException, RevisionConflictException, StoreFullException {

    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public StoreException(String message) {
        super(message);
    }

    static StoreException closed() {
        return new StoreException("the store is closed");
    }
}
