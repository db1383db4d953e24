package dev.sampan.store;

import org.jspecify.annotations.Nullable;

/** Everything the store held at one revision. Immutable; holding one costs a reference. */
public interface Snapshot {

    /** The revision of the last write that this snapshot contains. */
    long revision();

    /** The key's entry, or null when the key did not exist. */
    @Nullable
    Entry get(String key);

    /**
     * The entries whose key starts with {@code prefix}, in key order, found while iterating.
     *
     * @param startKeyInclusive where to begin; null for the first
     */
    Iterable<Entry> range(String prefix, @Nullable String startKeyInclusive);

    /** How many keys start with {@code prefix}; logarithmic in the size of the store. */
    long count(String prefix);
}
