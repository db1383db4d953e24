package dev.sampan.apiserver.watch;

import dev.sampan.store.Event;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The last few events, found by their revision, so that watchers that are about equally far share them. Thread-safe. */
final class SharedEvents {

    private static final int SLOTS = 512;

    private final AtomicReferenceArray<SharedEvent> slots = new AtomicReferenceArray<>(SLOTS);

    SharedEvent of(Event event) {
        int slot = (int) (event.revision() % SLOTS);
        var known = slots.get(slot);
        if (known != null && known.event() == event) {
            return known;
        }
        var fresh = new SharedEvent(event);
        if (known == null || known.event().revision() < event.revision()) {
            slots.compareAndSet(slot, known, fresh);
            var winner = slots.get(slot);
            return winner != null && winner.event() == event ? winner : fresh;
        }
        return fresh;
    }
}
