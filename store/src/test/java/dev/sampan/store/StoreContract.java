package dev.sampan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every engine promises. An engine's test extends this. */
abstract class StoreContract {

    private @Nullable Store opened;

    /** A new, empty store that holds {@code retention}'s history. */
    abstract Store open(Retention retention) throws Exception;

    private Store fresh() throws Exception {
        return fresh(Retention.DEFAULT);
    }

    private Store fresh(Retention retention) throws Exception {
        opened = open(retention);
        return opened;
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }

    static Entry put(Store store, String key, String value) {
        return Store.await(store.put(key, value.getBytes(UTF_8), Store.ANY));
    }

    static Entry delete(Store store, String key) {
        return Store.await(store.delete(key, Store.ANY));
    }

    static String text(@Nullable Entry entry) {
        return entry == null ? "-" : new String(entry.value(), UTF_8);
    }

    static List<String> keys(Iterable<Entry> entries) {
        return StreamSupport.stream(entries.spliterator(), false)
                .map(Entry::key)
                .toList();
    }

    private static List<Long> from(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void anEmptyStoreIsAtRevisionOne() throws Exception {
        var store = fresh();
        assertThat(store.snapshot().revision()).isEqualTo(1);
        assertThat(store.snapshot().get("/a")).isNull();
        assertThat(store.snapshot().count("")).isZero();
        assertThat(store.compactedRevision()).isEqualTo(1);
    }

    @Test
    void everyWriteMakesOneRevisionAndCountsVersions() throws Exception {
        var store = fresh();
        assertThat(put(store, "/a", "1")).isEqualTo(new Entry("/a", "1".getBytes(UTF_8), 2, 2, 1));
        assertThat(put(store, "/b", "1")).isEqualTo(new Entry("/b", "1".getBytes(UTF_8), 3, 3, 1));
        assertThat(put(store, "/a", "2")).isEqualTo(new Entry("/a", "2".getBytes(UTF_8), 2, 4, 2));
        assertThat(delete(store, "/a")).isEqualTo(new Entry("/a", "2".getBytes(UTF_8), 2, 5, 0));
        assertThat(put(store, "/a", "3")).isEqualTo(new Entry("/a", "3".getBytes(UTF_8), 6, 6, 1));
        assertThat(store.snapshot().revision()).isEqualTo(6);
    }

    @Test
    void putExpectsTheRevisionItNames() throws Exception {
        var store = fresh();
        var first = Store.await(store.put("/a", new byte[] {1}, Store.ABSENT));
        assertThatThrownBy(() -> Store.await(store.put("/a", new byte[] {2}, Store.ABSENT)))
                .isInstanceOfSatisfying(
                        RevisionConflictException.class,
                        e -> assertThat(e.current()).isEqualTo(first));
        assertThatThrownBy(() -> Store.await(store.put("/a", new byte[] {2}, first.modRevision() + 7)))
                .isInstanceOf(RevisionConflictException.class)
                .hasMessage("/a: expected revision 9, found revision 2");
        assertThatThrownBy(() -> Store.await(store.put("/b", new byte[] {2}, 2)))
                .isInstanceOfSatisfying(
                        RevisionConflictException.class,
                        e -> assertThat(e.current()).isNull());
        assertThat(Store.await(store.put("/a", new byte[] {2}, first.modRevision()))
                        .modRevision())
                .isEqualTo(3);
        assertThat(store.snapshot().revision()).isEqualTo(3);
    }

    @Test
    void deleteExpectsTheRevisionItNamesAndAnExistingKey() throws Exception {
        var store = fresh();
        var entry = put(store, "/a", "1");
        assertThatThrownBy(() -> Store.await(store.delete("/a", entry.modRevision() + 1)))
                .isInstanceOf(RevisionConflictException.class);
        assertThatThrownBy(() -> Store.await(store.delete("/b", Store.ANY)))
                .isInstanceOfSatisfying(
                        RevisionConflictException.class,
                        e -> assertThat(e.current()).isNull());
        var tombstone = Store.await(store.delete("/a", entry.modRevision()));
        assertThat(tombstone.deleted()).isTrue();
        assertThat(store.snapshot().get("/a")).isNull();
        assertThat(store.snapshot().revision()).isEqualTo(3);
    }

    @Test
    void ofManyWritersWhoExpectTheSameRevisionOneWins() throws Exception {
        var store = fresh();
        for (int round = 0; round < 20; round++) {
            long expected = round == 0 ? Store.ABSENT : store.snapshot().revision();
            var writes = IntStream.range(0, 50)
                    .mapToObj(i -> store.put("/a", new byte[] {(byte) i}, expected))
                    .toList();
            CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new))
                    .exceptionally(e -> null)
                    .join();
            assertThat(writes)
                    .filteredOn(write -> !write.isCompletedExceptionally())
                    .hasSize(1);
        }
        assertThat(store.snapshot().revision()).isEqualTo(21);
    }

    @Test
    void rangeIsOrderedBoundedByThePrefixAndStartsWhereTold() throws Exception {
        var store = fresh();
        for (var key : List.of("/p/c", "/p/a", "/pa", "/p/b", "/o", "/q", "/p")) {
            put(store, key, "x");
        }
        var snapshot = store.snapshot();
        assertThat(keys(snapshot.range("/p/", null))).containsExactly("/p/a", "/p/b", "/p/c");
        assertThat(keys(snapshot.range("/p/", "/p/b"))).containsExactly("/p/b", "/p/c");
        assertThat(keys(snapshot.range("/p/", "/p/aa"))).containsExactly("/p/b", "/p/c");
        assertThat(keys(snapshot.range("/p/", "/a"))).containsExactly("/p/a", "/p/b", "/p/c");
        assertThat(keys(snapshot.range("/p/", "/p0"))).isEmpty();
        assertThat(keys(snapshot.range("", null))).hasSize(7);
        assertThat(snapshot.count("/p/")).isEqualTo(3);
        assertThat(snapshot.count("/p")).isEqualTo(5);
        assertThat(snapshot.count("")).isEqualTo(7);
        assertThat(snapshot.count("/z")).isZero();
    }

    @Test
    void snapshotsDoNotChange() throws Exception {
        var store = fresh();
        put(store, "/a", "1");
        var before = store.snapshot();
        put(store, "/a", "2");
        put(store, "/b", "1");
        assertThat(before.revision()).isEqualTo(2);
        assertThat(text(before.get("/a"))).isEqualTo("1");
        assertThat(keys(before.range("", null))).containsExactly("/a");
    }

    @Test
    void olderRevisionsAreAnsweredFromMemoryAndFromTheJournal() throws Exception {
        for (int inMemory : new int[] {1, 4, 1000}) {
            try (var store = open(new Retention(Retention.DEFAULT.age(), 1000, inMemory, 1 << 20))) {
                var expected = new ArrayList<List<String>>();
                for (int i = 0; i < 40; i++) {
                    if (i % 5 == 4) {
                        delete(store, "/" + (i - 1) % 3);
                    } else {
                        put(store, "/" + i % 3, "v" + i);
                    }
                    expected.add(contents(store.snapshot()));
                }
                for (int i = 0; i < 40; i++) {
                    var snapshot = store.snapshot(i + 2);
                    assertThat(snapshot.revision()).isEqualTo(i + 2);
                    assertThat(contents(snapshot)).isEqualTo(expected.get(i));
                }
                assertThat(contents(store.snapshot(1))).isEmpty();
                assertThatThrownBy(() -> store.snapshot(42)).isInstanceOf(FutureRevisionException.class);
            }
        }
    }

    static List<String> contents(Snapshot snapshot) {
        return StreamSupport.stream(snapshot.range("", null).spliterator(), false)
                .map(e -> e + "=" + text(e))
                .toList();
    }

    @Test
    void aWatchDeliversWhatComesUnderItsPrefix() throws Exception {
        var store = fresh();
        var all = new Recorder();
        var some = new Recorder();
        store.watch("", 1, all);
        store.watch("/a/", 1, some);
        var first = put(store, "/a/x", "1");
        put(store, "/b/x", "1");
        var second = put(store, "/a/x", "2");
        var gone = delete(store, "/a/x");
        assertThat(all.revisionsUpTo(5)).isEqualTo(from(2, 5));
        assertThat(some.awaitRevision(5))
                .containsExactly(
                        new Event(Event.Type.PUT, first, null),
                        new Event(Event.Type.PUT, second, first),
                        new Event(Event.Type.DELETE, gone, second));
        assertThat(some.events().getFirst().created()).isTrue();
        assertThat(some.events().get(1).created()).isFalse();
    }

    @Test
    void aWatchKnowsHowFarItHasCome() throws Exception {
        var store = fresh();
        try (var watch = store.watch("/a/", 1, events -> {})) {
            var elsewhere = put(store, "/b/x", "1");
            Awaitility.await().until(() -> watch.progress() >= elsewhere.modRevision());
        }
    }

    @Test
    void aWatchResumesWhereItIsTold() throws Exception {
        for (int inMemory : new int[] {1, 7, 1000}) {
            try (var store = open(new Retention(Retention.DEFAULT.age(), 1000, inMemory, 1 << 20))) {
                for (int i = 2; i <= 30; i++) {
                    put(store, "/" + i % 3, "v" + i);
                }
                var recorders = new ArrayList<Recorder>();
                for (int resume = 1; resume <= 35; resume++) {
                    var recorder = new Recorder();
                    recorders.add(recorder);
                    store.watch("/", resume, recorder);
                }
                for (int i = 31; i <= 40; i++) {
                    put(store, "/" + i % 3, "v" + i);
                }
                for (int resume = 1; resume <= 35; resume++) {
                    assertThat(recorders.get(resume - 1).revisionsUpTo(40)).isEqualTo(from(resume + 1, 40));
                }
            }
        }
    }

    @Test
    void watchesThatBeginAmidWritesMissNothing() throws Exception {
        try (var store = open(new Retention(Retention.DEFAULT.age(), 100_000, 16, 1 << 20))) {
            var writers = IntStream.range(0, 4)
                    .mapToObj(w -> Thread.ofVirtual().start(() -> {
                        for (int i = 0; i < 250; i++) {
                            put(store, "/" + w + "/" + i % 10, "x");
                        }
                    }))
                    .toList();
            var recorders = new ArrayList<Recorder>();
            var starts = new ArrayList<Long>();
            while (writers.stream().anyMatch(Thread::isAlive) && recorders.size() < 300) {
                var recorder = new Recorder();
                recorders.add(recorder);
                long start = Math.max(1, store.snapshot().revision() - recorders.size() % 40);
                starts.add(start);
                store.watch("/", start, recorder);
            }
            for (var writer : writers) {
                writer.join();
            }
            long last = put(store, "/end", "x").modRevision();
            assertThat(last).isEqualTo(1002);
            for (int i = 0; i < recorders.size(); i++) {
                assertThat(recorders.get(i).revisionsUpTo(last)).isEqualTo(from(starts.get(i) + 1, last));
            }
        }
    }

    @Test
    void aClosedWatchAndOneThatThrowsAreLeftAlone() throws Exception {
        var store = fresh();
        var closed = new Recorder();
        var live = new Recorder();
        var thrown = new ArrayList<Event>();
        store.watch("/", 1, closed).close();
        store.watch("/", 1, events -> {
            thrown.addAll(events);
            throw new IllegalStateException("deliberate");
        });
        store.watch("/", 1, live);
        put(store, "/a", "1");
        put(store, "/a", "2");
        assertThat(live.revisionsUpTo(3)).containsExactly(2L, 3L);
        assertThat(closed.events()).isEmpty();
        assertThat(thrown).hasSize(1);
    }

    @Test
    void compactionForgetsHistoryAndNothingElse() throws Exception {
        for (int inMemory : new int[] {2, 1000}) {
            try (var store = open(new Retention(Retention.DEFAULT.age(), 1000, inMemory, 1 << 20))) {
                for (int i = 2; i <= 20; i++) {
                    put(store, "/" + i % 4, "v" + i);
                }
                delete(store, "/1");
                var at12 = contents(store.snapshot(12));
                var now = contents(store.snapshot());
                store.compact(12);
                assertThat(store.compactedRevision()).isEqualTo(12);
                assertThat(contents(store.snapshot(12))).isEqualTo(at12);
                assertThat(contents(store.snapshot())).isEqualTo(now);
                assertThatThrownBy(() -> store.snapshot(11)).isInstanceOf(CompactedException.class);
                assertThatThrownBy(() -> store.watch("/", 11, new Recorder()))
                        .isInstanceOfSatisfying(CompactedException.class, e -> {
                            assertThat(e.requested()).isEqualTo(11);
                            assertThat(e.compacted()).isEqualTo(12);
                        });
                var recorder = new Recorder();
                store.watch("/", 12, recorder);
                assertThat(recorder.revisionsUpTo(21)).isEqualTo(from(13, 21));
                assertThat(text(recorder.events().getFirst().previous())).isEqualTo("v9");
                store.compact(5);
                assertThat(store.compactedRevision()).isEqualTo(12);
                assertThatThrownBy(() -> store.compact(22)).isInstanceOf(FutureRevisionException.class);
                store.compact(21);
                assertThat(contents(store.snapshot())).isEqualTo(now);
            }
        }
    }

    @Test
    void shrinkingGivesSpaceBackAndNothingElse() throws Exception {
        try (var store = open(Retention.DEFAULT)) {
            put(store, "/kept", "1");
            for (int i = 0; i < 200; i++) {
                put(store, "/changed", String.valueOf(i).repeat(5_000));
            }
            var recorder = new Recorder();
            long before = store.snapshot().revision();
            store.watch("", before, recorder);
            store.compact(before);
            var size = store.shrink();
            if (size.before() > 0) { // else it is not on a disk
                assertThat(size.after()).isPositive().isLessThan(size.before());
            }
            long after = put(store, "/new", "2").modRevision();
            assertThat(after).isEqualTo(before + 1);
            assertThat(recorder.revisionsUpTo(after)).containsExactly(after);
            assertThat(keys(store.snapshot().range("/", null))).containsExactly("/changed", "/kept", "/new");
            assertThat(text(store.snapshot(before).get("/kept"))).isEqualTo("1");
            assertThat(store.shrink().after()).isLessThanOrEqualTo(size.before());
        }
    }

    @Test
    void aClosedStoreSaysSo() throws Exception {
        var store = fresh();
        put(store, "/a", "1");
        store.close();
        assertThatThrownBy(() -> put(store, "/a", "2"))
                .isInstanceOf(StoreException.class)
                .hasMessage("the store is closed");
        assertThatThrownBy(() -> store.watch("/", 1, new Recorder())).hasMessage("the store is closed");
        assertThatThrownBy(() -> store.compact(2)).hasMessage("the store is closed");
        assertThat(text(store.snapshot().get("/a"))).isEqualTo("1");
        store.close();
    }

    @Test
    void writesThatWaitWhenTheStoreClosesAreFinishedOrRefused() throws Exception {
        var store = fresh();
        var writes = IntStream.range(0, 500)
                .mapToObj(i -> store.put("/" + i, new byte[10], Store.ANY))
                .toList();
        store.close();
        assertThat(writes).allMatch(CompletableFuture::isDone);
        assertThat(writes.stream().filter(w -> !w.isCompletedExceptionally()).count())
                .isEqualTo(store.snapshot().revision() - 1);
    }
}
