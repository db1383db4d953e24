package dev.sampan.store;

import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Keeps events on the heap until they are compacted. */
final class MemoryJournal implements Journal {

    private final ConcurrentNavigableMap<Long, Event> events = new ConcurrentSkipListMap<>();
    private volatile long compacted = SequencedStore.FIRST_REVISION;

    @Override
    public void append(List<Event> group) {
        group.forEach(event -> events.put(event.revision(), event));
    }

    @Override
    public List<Event> history(long after, long upTo) {
        var found = List.copyOf(events.subMap(after, false, upTo, true).values());
        if (after < compacted) {
            throw new CompactedException(after, compacted);
        }
        return found;
    }

    @Override
    public void compact(long revision) {
        compacted = revision;
        events.headMap(revision, true).clear();
    }

    @Override
    public boolean sweep() {
        return false;
    }

    @Override
    public Store.Shrunk shrink() {
        return new Store.Shrunk(0, 0);
    }

    @Override
    public void close() {
        events.clear();
    }
}
