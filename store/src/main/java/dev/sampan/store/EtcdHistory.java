package dev.sampan.store;

import io.etcd.jetcd.Watch;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Past events as etcd tells them to a watch that begins in the past. */
record EtcdHistory(EtcdConnection etcd) implements History {

    private static final long PATIENCE_SECONDS = 30;

    @Override
    public List<Event> history(long after, long upTo) {
        if (after >= upTo) {
            return List.of();
        }
        var reader = new Reader(upTo);
        try (var _ = etcd.watch(after + 1, true, Watch.listener(reader::take, reader.done::completeExceptionally))) {
            return EtcdConnection.await(reader.done
                    .copy()
                    .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .exceptionallyCompose(e -> CompletableFuture.failedFuture(explained(e, after))));
        }
    }

    /** The oldest revision that etcd has the state of. */
    long oldest() {
        var told = new CompletableFuture<Long>();
        var listener = Watch.listener(created -> told.complete(SequencedStore.FIRST_REVISION), failure -> {
            if (failure instanceof io.etcd.jetcd.common.exception.CompactedException compacted) {
                told.complete(compacted.getCompactedRevision());
            } else {
                told.completeExceptionally(etcd.explained(failure));
            }
        });
        try (var _ = etcd.watch(1, false, listener)) {
            return EtcdConnection.await(
                    told.copy().completeOnTimeout(SequencedStore.FIRST_REVISION, 1, TimeUnit.SECONDS));
        }
    }

    private StoreException explained(Throwable failure, long after) {
        return EtcdConnection.unwrapped(failure) instanceof io.etcd.jetcd.common.exception.CompactedException compacted
                ? new CompactedException(after, compacted.getCompactedRevision())
                : etcd.explained(failure);
    }

    /** Collects the events of one watch, called by it alone. */
    private final class Reader {

        private final long upTo;
        private final List<Event> events = new ArrayList<>();
        private final CompletableFuture<List<Event>> done = new CompletableFuture<>();

        Reader(long upTo) {
            this.upTo = upTo;
        }

        void take(WatchResponse news) {
            long seen = 0;
            for (var told : news.getEvents()) {
                seen = told.getKeyValue().getModRevision();
                var key = etcd.key(told.getKeyValue().getKey());
                if (key != null && seen <= upTo && !done.isDone()) {
                    events.add(event(key, told));
                }
            }
            if (seen >= upTo) {
                done.complete(events);
            }
        }

        private static Event event(String key, WatchEvent told) {
            var kv = told.getKeyValue();
            var before = told.getPrevKV();
            var previous = before == null || before.getModRevision() == 0 ? null : EtcdConnection.entry(key, before);
            return told.getEventType() == WatchEvent.EventType.PUT || previous == null
                    ? new Event(Event.Type.PUT, EtcdConnection.entry(key, kv), previous)
                    : Event.deletion(previous, kv.getModRevision());
        }
    }
}
