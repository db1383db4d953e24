package dev.sampan.store;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A write that waits for its group.
 *
 * @param value null deletes the key
 */
record WriteRequest(String key, byte @Nullable [] value, long expectedRevision, CompletableFuture<Entry> result) {

    /** The event that this write makes as {@code revision}, or the conflict that it ends in. */
    Planned plan(@Nullable Entry current, long revision) {
        long found = current == null ? Store.ABSENT : current.modRevision();
        if (expectedRevision != Store.ANY && expectedRevision != found) {
            return conflict(current);
        }
        if (current == null) {
            return value == null
                    ? conflict(null)
                    : new Planned.Made(new Event(Event.Type.PUT, new Entry(key, value, revision, revision, 1), null));
        }
        // The key's string of the entry that is there goes on living, this request's does not.
        return value == null
                ? made(Event.Type.DELETE, current, current.value(), revision, 0)
                : made(Event.Type.PUT, current, value, revision, current.version() + 1);
    }

    private static Planned made(Event.Type type, Entry current, byte[] value, long revision, long version) {
        var entry = new Entry(current.key(), value, current.createRevision(), revision, version);
        return new Planned.Made(new Event(type, entry, current));
    }

    private Planned conflict(@Nullable Entry current) {
        return new Planned.Conflict(new RevisionConflictException(key, expectedRevision, current));
    }

    sealed interface Planned {

        record Made(Event event) implements Planned {}

        record Conflict(RevisionConflictException reason) implements Planned {}
    }
}
