package dev.sampan.store;

import org.jspecify.annotations.Nullable;

/**
 * One write as watchers see it.
 *
 * @param type what the write did
 * @param entry the entry after the write; its {@code modRevision} is the event's revision
 * @param previous the key's entry before the write, null when the write created the key
 */
public record Event(Type type, Entry entry, @Nullable Entry previous) {

    /** What a write did to its key. */
    public enum Type {
        PUT,
        DELETE
    }

    /** The deletion of a key as a revision. */
    static Event deletion(Entry last, long revision) {
        return new Event(Type.DELETE, new Entry(last.key(), last.value(), last.createRevision(), revision, 0), last);
    }

    /** The revision that the write made. */
    public long revision() {
        return entry.modRevision();
    }

    /** Whether the write made a key that did not exist. */
    public boolean created() {
        return type == Type.PUT && previous == null;
    }
}
