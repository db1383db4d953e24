package dev.sampan.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Writes that become durable together, planned one after the other on top of a published state. Nobody learns an outcome, not even
 * a conflict, before the group's fate is known: a conflict may be with an earlier write of the same group.
 */
final class WriteGroup {

    private static final int MAX_WRITES = 1_024;
    private static final long MAX_BYTES = 8 << 20;

    private final List<EventRing.Commit> commits = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<WriteRequest> requests = new ArrayList<>();
    private final List<WriteRequest.Planned> outcomes = new ArrayList<>();
    private SortedEntries entries;
    private long revision;
    private long bytes;

    WriteGroup(SortedEntries entries, long revision) {
        this.entries = entries;
        this.revision = revision;
    }

    void add(WriteRequest request) {
        var outcome = request.plan(entries.get(request.key()), revision + 1);
        requests.add(request);
        outcomes.add(outcome);
        if (outcome instanceof WriteRequest.Planned.Made(var event)) {
            revision++;
            entries = event.type() == Event.Type.DELETE ? entries.without(request.key()) : entries.with(event.entry());
            commits.add(new EventRing.Commit(event, entries));
            events.add(event);
            bytes += request.key().length() + event.entry().value().length;
        }
    }

    boolean isFull() {
        return requests.size() >= MAX_WRITES || bytes >= MAX_BYTES;
    }

    List<EventRing.Commit> commits() {
        return commits;
    }

    List<Event> events() {
        return Collections.unmodifiableList(events);
    }

    SortedEntries entries() {
        return entries;
    }

    long revision() {
        return revision;
    }

    void complete() {
        for (int i = 0; i < requests.size(); i++) {
            var result = requests.get(i).result();
            switch (outcomes.get(i)) {
                case WriteRequest.Planned.Made(var event) -> result.complete(event.entry());
                case WriteRequest.Planned.Conflict(var reason) -> result.completeExceptionally(reason);
            }
        }
    }

    void fail(StoreException reason) {
        requests.forEach(request -> request.result().completeExceptionally(reason));
    }
}
