package dev.sampan.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key with its value at one revision. The value's array is shared by everybody who sees the entry: never write to it.
 *
 * @param key the key
 * @param value the stored bytes; of a deletion, the last value before it
 * @param createRevision revision of the write that made the key exist
 * @param modRevision revision of the write that made this entry
 * @param version number of writes since the key exists, from 1; 0 says that this entry is a deletion
 */
public record Entry(String key, byte[] value, long createRevision, long modRevision, long version) {

    /** Whether this entry is what {@link Store#delete} left. */
    public boolean deleted() {
        return version == 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Entry e
                && key.equals(e.key)
                && createRevision == e.createRevision
                && modRevision == e.modRevision
                && version == e.version
                && Arrays.equals(value, e.value);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(modRevision);
    }

    @Override
    public String toString() {
        return key + "@" + modRevision + (deleted() ? " deleted" : " v" + version + ", " + value.length + " bytes");
    }
}
