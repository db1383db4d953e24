package dev.sampan.apiserver.linearizability;

import org.jspecify.annotations.Nullable;

/**
 * One event of a watch.
 *
 * @param version of the write
 * @param value the object's after it; null when it was deleted
 */
record Change(long version, String key, @Nullable String value) {}
