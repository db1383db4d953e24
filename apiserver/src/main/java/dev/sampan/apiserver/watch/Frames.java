package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.registry.ServedType;

/** Writes events in one format; one instance for each watcher. */
interface Frames {

    byte[] event(WatchEvent event);

    /** @param initialEventsEnd whether it marks the end of the initial state */
    byte[] bookmark(ServedType type, long revision, boolean initialEventsEnd);

    byte[] error(Status status);
}
