package dev.sampan.store;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Our keys of etcd in memory, kept up to date by a watch. */
final class EtcdMirror implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EtcdMirror.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final EtcdConnection etcd;
    private final Published published;
    private final TreeMap<Long, CompletableFuture<Void>> waiting = new TreeMap<>(); // guarded by itself
    private Watch.@Nullable Watcher watcher; // guarded by this
    private long watches; // guarded by this; the number of the one whose news counts
    private boolean connected; // guarded by this
    private boolean closed; // guarded by this

    private EtcdMirror(EtcdConnection etcd, Published published) {
        this.etcd = etcd;
        this.published = published;
    }

    /** All our entries at one revision. */
    private record Contents(SortedEntries entries, long revision) {

        static Contents read(EtcdConnection etcd) {
            var entries = new ArrayList<Entry>();
            long revision = 0;
            ByteSequence last = null;
            while (true) {
                var page = etcd.page(last, revision);
                revision = revision == 0 ? page.getHeader().getRevision() : revision;
                for (var kv : page.getKvs()) {
                    var key = etcd.key(kv.getKey());
                    if (key != null) {
                        entries.add(EtcdConnection.entry(key, kv));
                    }
                    last = kv.getKey();
                }
                if (!page.isMore()) {
                    entries.sort(Comparator.comparing(Entry::key)); // etcd's order is that of bytes, not of chars
                    return new Contents(SortedEntries.ofSorted(entries), revision);
                }
            }
        }
    }

    /** Reads all and follows from there. */
    static EtcdMirror load(EtcdConnection etcd, Retention retention) {
        var contents = Contents.read(etcd);
        var history = new EtcdHistory(etcd);
        long compacted = history.oldest();
        var published = new Published(history, contents.entries(), contents.revision(), compacted, retention);
        var mirror = new EtcdMirror(etcd, published);
        mirror.follow();
        return mirror;
    }

    Published published() {
        return published;
    }

    /** Completes when the state contains all writes up to {@code revision}. */
    CompletableFuture<Void> reached(long revision) {
        CompletableFuture<Void> reached;
        synchronized (waiting) {
            if (published.latest().revision() >= revision) {
                return CompletableFuture.completedFuture(null);
            }
            reached = waiting.computeIfAbsent(revision, r -> new CompletableFuture<>());
        }
        return reached.copy()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(e -> CompletableFuture.failedFuture(new StoreException(
                        "etcd has not told of revision " + revision + " within " + PATIENCE.toSeconds() + " s", e)));
    }

    private void tellThoseWaiting() {
        List<CompletableFuture<Void>> ready;
        synchronized (waiting) {
            var past = waiting.headMap(published.latest().revision(), true);
            ready = List.copyOf(past.values());
            past.clear();
        }
        ready.forEach(future -> future.complete(null));
    }

    private synchronized void follow() {
        if (!closed) {
            long mine = ++watches;
            watcher = etcd.watch(
                    published.latest().revision() + 1,
                    false,
                    Watch.listener(
                            news -> apply(mine, news), failure -> ended(mine, failure), () -> ended(mine, null)));
        }
    }

    /** etcd tells the events of one watch one after the other, those of a revision together. */
    private synchronized void apply(long watch, WatchResponse news) {
        if (watch != watches) {
            return;
        }
        if (!connected) {
            log.info("etcd is followed from revision {}", published.latest().revision());
            connected = true;
        }
        var now = published.latest();
        var entries = now.entries();
        long revision = now.revision();
        var commits = new ArrayList<EventRing.Commit>();
        var events = new ArrayList<Event>();
        for (var told : news.getEvents()) {
            revision = told.getKeyValue().getModRevision();
            var event = event(told, entries);
            if (event != null) {
                entries = event.type() == Event.Type.DELETE
                        ? entries.without(event.entry().key())
                        : entries.with(event.entry());
                events.add(event);
                commits.add(new EventRing.Commit(event, entries));
            }
        }
        if (revision > now.revision()) {
            published.publish(commits, events, entries, revision);
            tellThoseWaiting();
        }
    }

    /** Null for what is none of ours. */
    private @Nullable Event event(WatchEvent told, SortedEntries before) {
        var kv = told.getKeyValue();
        var key = etcd.key(kv.getKey());
        if (key == null) {
            return null;
        }
        var previous = before.get(key);
        if (told.getEventType() == WatchEvent.EventType.PUT) {
            // The key's string of the entry that is there goes on living.
            return new Event(
                    Event.Type.PUT, EtcdConnection.entry(previous == null ? key : previous.key(), kv), previous);
        }
        return previous == null ? null : Event.deletion(previous, kv.getModRevision());
    }

    /**
     * Makes a new watch, in a thread of its own: the client calls this while it holds a lock that {@link #follow} needs. The client itself
     * would begin most watches again too, but at the revision etcd was at when it took the last one, so it passes over what was to come.
     */
    private void ended(long watch, @Nullable Throwable failure) {
        Thread.ofVirtual().name("etcd-mirror").start(() -> {
            if (!drop(watch, failure)) {
                return;
            }
            if (failure instanceof io.etcd.jetcd.common.exception.CompactedException) {
                readAgain();
            } else if (pause()) {
                follow();
            }
        });
    }

    /** False when it is not the one that counts: its news does not either. */
    private synchronized boolean drop(long watch, @Nullable Throwable failure) {
        if (closed || watch != watches) {
            return false;
        }
        watches++;
        Objects.requireNonNull(watcher).close();
        if (connected) {
            log.warn("The watch on etcd has ended: {}", failure == null ? "closed by etcd" : failure.getMessage());
            connected = false;
        }
        return true;
    }

    private static boolean pause() {
        try {
            Thread.sleep(RETRY);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** For when etcd has compacted what this server has not seen. */
    private void readAgain() {
        do {
            try {
                jump(Contents.read(etcd));
                follow();
                return;
            } catch (StoreException e) {
                log.warn("etcd could not be read, will try again: {}", e.getMessage());
            }
        } while (pause() && !isClosed());
    }

    /** Publishes what differs. When a key was deleted is not known: it counts as the last thing that happened. */
    private synchronized void jump(Contents now) {
        var before = published.latest();
        var events = new ArrayList<Event>();
        for (var entry : now.entries()) {
            var previous = before.entries().get(entry.key());
            if (previous == null || previous.modRevision() != entry.modRevision()) {
                events.add(new Event(Event.Type.PUT, entry, previous));
            }
        }
        events.sort(Comparator.comparingLong(Event::revision));
        for (var entry : before.entries()) {
            if (now.entries().get(entry.key()) == null) {
                events.add(Event.deletion(entry, now.revision()));
            }
        }
        published.jump(events, now.entries(), now.revision());
        tellThoseWaiting();
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (watcher != null) {
            watcher.close();
        }
        published.close();
    }
}
