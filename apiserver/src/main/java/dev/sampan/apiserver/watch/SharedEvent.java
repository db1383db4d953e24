package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.registry.ObjectView;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.store.Event;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** One event of the store with everything that watchers made of it, each thing made once. Thread-safe. */
final class SharedEvent {

    /** What is cached: a state, or its JSON frame, in one served version. */
    private record Key(ServedType type, String what) {
        @Override
        public int hashCode() {
            return System.identityHashCode(type) * 31 + what.hashCode();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key k && k.type == type && k.what.equals(what);
        }
    }

    private final Event event;
    private final ConcurrentMap<Key, ObjectView> views = new ConcurrentHashMap<>(4);
    private final ConcurrentMap<Key, byte[]> frames = new ConcurrentHashMap<>(2);

    SharedEvent(Event event) {
        this.event = event;
    }

    Event event() {
        return event;
    }

    /** The state after the write; of a deletion, the last state with the deletion's revision. */
    ObjectView current(ServedType type) {
        return views.computeIfAbsent(new Key(type, "current"), k -> ObjectView.of(type, event.entry()));
    }

    /** The state before the write, with the write's revision; null when there was none. */
    @Nullable
    ObjectView previous(ServedType type) {
        var previous = event.previous();
        return previous == null
                ? null
                : views.computeIfAbsent(
                        new Key(type, "previous"), k -> ObjectView.of(type, previous, event.revision()));
    }

    /** The JSON frame of this event as a watcher of the type sees it. */
    byte[] jsonFrame(WatchEvent seen) {
        return frames.computeIfAbsent(
                new Key(seen.view().type(), seen.type()),
                k -> JsonFrames.frame(seen.type(), seen.view().json()));
    }
}
