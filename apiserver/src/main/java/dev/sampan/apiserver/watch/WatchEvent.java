package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.registry.ObjectView;
import dev.sampan.apiserver.registry.Selection;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.store.Event;
import org.jspecify.annotations.Nullable;

/**
 * An event as one watcher sees it.
 *
 * @param type ADDED, MODIFIED or DELETED
 * @param shared the event behind it; null for the initial state
 */
record WatchEvent(String type, ObjectView view, @Nullable SharedEvent shared) {

    static WatchEvent initial(ObjectView view) {
        return new WatchEvent("ADDED", view, null);
    }

    /** What the event is to a watcher of a selection; null when it is none of its business. */
    static @Nullable WatchEvent seen(SharedEvent shared, ServedType type, Selection selection) {
        var previous = shared.previous(type);
        boolean before = previous != null && selection.matches(previous);
        if (shared.event().type() == Event.Type.DELETE) {
            return before ? new WatchEvent("DELETED", shared.current(type), shared) : null;
        }
        boolean after = selection.matches(shared.current(type));
        if (after) {
            return new WatchEvent(before ? "MODIFIED" : "ADDED", shared.current(type), shared);
        }
        return before ? new WatchEvent("DELETED", java.util.Objects.requireNonNull(previous), shared) : null;
    }
}
