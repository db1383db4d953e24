package dev.sampan.apiserver.linearizability;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client, and what came of it. Every value is written by one operation only.
 *
 * @param key the object's name; empty for a list
 * @param expected the resource version that an update or a deletion names; 0 for what names none
 * @param value what a creation or an update writes; empty for others
 * @param begun before the request was sent; all times are of one clock
 * @param ended after the answer was read
 */
record Operation(Kind kind, String key, long expected, String value, long begun, long ended, Outcome outcome) {

    enum Kind {
        CREATE,
        UPDATE,
        DELETE,
        GET,
        LIST
    }

    /** An object as it was read. */
    record Seen(long version, String value) {}

    sealed interface Outcome {}

    /** A write that was acknowledged. @param version 0 for deletions, whose answer tells none */
    record Written(long version) implements Outcome {}

    /** A get's answer; null when there was no such object. */
    record Read(@Nullable Seen object) implements Outcome {}

    record Listed(long version, Map<String, Seen> objects) implements Outcome {}

    /** Nothing was written: the object was there for a creation, or was not at the expected version. */
    record Conflict() implements Outcome {}

    /** Nothing was written: there was no such object. */
    record Absent() implements Outcome {}

    /** No answer: it may have been done or not. */
    record Unknown() implements Outcome {}

    boolean writes() {
        return kind != Kind.GET && kind != Kind.LIST;
    }

    @Override
    public String toString() {
        return "%s %s%s%s -> %s"
                .formatted(
                        kind,
                        key,
                        expected == 0 ? "" : " at " + expected,
                        value.isEmpty() ? "" : " with " + value,
                        outcome);
    }
}
