package dev.sampan.store;

import org.jspecify.annotations.Nullable;

/** No space is left for the write. Reading goes on; writing works again once there is space. */
public final class StoreFullException extends StoreException {

    public StoreFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
