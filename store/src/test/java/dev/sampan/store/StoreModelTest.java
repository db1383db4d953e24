package dev.sampan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** Random histories, played on a store and on a model that is a list of events. */
final class StoreModelTest {

    private static final Retention SMALL = new Retention(Duration.ofDays(1), 100_000, 5, 64);

    sealed interface Action {

        /** @param guess what to expect of the key: 0 anything, 1 what is there, 2 nothing, 3 something wrong */
        record Put(int key, int size, int guess) implements Action {}

        record Delete(int key, int guess) implements Action {}

        record Compact(int percent) implements Action {}

        record Watch(int key, int percent) implements Action {}

        record Reopen() implements Action {}
    }

    @Provide
    Arbitrary<List<Action>> histories() {
        var key = Arbitraries.integers().between(0, 11);
        var percent = Arbitraries.integers().between(0, 100);
        var guess = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(0)),
                Tuple.of(3, Arbitraries.just(1)),
                Tuple.of(2, Arbitraries.just(2)),
                Tuple.of(1, Arbitraries.just(3)));
        Arbitrary<Action> put = Combinators.combine(key, Arbitraries.integers().between(0, 40), guess)
                .as(Action.Put::new);
        Arbitrary<Action> delete = Combinators.combine(key, guess).as(Action.Delete::new);
        Arbitrary<Action> watch = Combinators.combine(key, percent).as(Action.Watch::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(10, put),
                        Tuple.of(4, delete),
                        Tuple.of(1, percent.map(Action.Compact::new)),
                        Tuple.of(2, watch),
                        Tuple.of(1, Arbitraries.just(new Action.Reopen())))
                .list()
                .ofMaxSize(60);
    }

    @Property(tries = 500)
    void memory(@ForAll("histories") List<Action> history) {
        try (var store = new MemoryStore(SMALL, InstantSource.system())) {
            var run = new Run(store);
            history.forEach(run::play);
            run.check();
        }
    }

    @Property(tries = 120)
    void sqlite(@ForAll("histories") List<Action> history) throws IOException {
        var directory = Files.createTempDirectory("store");
        var options = new SqliteStore.Options(SMALL, 0, InstantSource.system());
        try {
            var run = new Run(SqliteStore.open(directory, options));
            for (var action : history) {
                if (action instanceof Action.Reopen) {
                    run.check();
                    run.watches.clear();
                    run.store.close();
                    run.store = SqliteStore.open(directory, options);
                }
                run.play(action);
            }
            run.check();
            run.store.close();
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private record Watching(String prefix, long from, Recorder seen) {}

    /** The store under test beside its model: all events ever, the one of revision r at index r - 2. */
    private static final class Run {

        final List<Event> events = new ArrayList<>();
        final List<Watching> watches = new ArrayList<>();
        Store store;
        long compacted = 1;

        Run(Store store) {
            this.store = store;
        }

        long revision() {
            return events.size() + 1;
        }

        TreeMap<String, Entry> stateAt(long revision) {
            var state = new TreeMap<String, Entry>();
            for (var event : events.subList(0, (int) revision - 1)) {
                if (event.type() == Event.Type.PUT) {
                    state.put(event.entry().key(), event.entry());
                } else {
                    state.remove(event.entry().key());
                }
            }
            return state;
        }

        void play(Action action) {
            switch (action) {
                case Action.Put(int key, int size, int guess) ->
                    write(key(key), "v".repeat(size).getBytes(UTF_8), guess);
                case Action.Delete(int key, int guess) -> write(key(key), null, guess);
                case Action.Compact(int percent) -> compact(Math.max(1, revision() * percent / 100));
                case Action.Watch(int key, int percent) -> watch(key(key), Math.max(1, revision() * percent / 90));
                case Action.Reopen() -> {}
            }
        }

        private static String key(int number) {
            return "/" + (char) ('a' + number / 4) + "/" + "xyzw".substring(0, number % 4);
        }

        void write(String key, byte @Nullable [] value, int guess) {
            var current = stateAt(revision()).get(key);
            long there = current == null ? 0 : current.modRevision();
            long expected = switch (guess) {
                case 0 -> Store.ANY;
                case 1 -> there;
                case 2 -> Store.ABSENT;
                default -> there + 1;
            };
            boolean allowed = (expected == Store.ANY || expected == there) && (value != null || current != null);
            try {
                var entry = Store.await(value == null ? store.delete(key, expected) : store.put(key, value, expected));
                assertThat(allowed).isTrue();
                events.add(modelled(key, value, current));
                assertThat(entry).isEqualTo(events.getLast().entry());
            } catch (RevisionConflictException e) {
                assertThat(allowed).isFalse();
                assertThat(e.current()).isEqualTo(current);
            }
        }

        private Event modelled(String key, byte @Nullable [] value, @Nullable Entry current) {
            long revision = revision() + 1;
            if (value != null) {
                var entry = current == null
                        ? new Entry(key, value, revision, revision, 1)
                        : new Entry(key, value, current.createRevision(), revision, current.version() + 1);
                return new Event(Event.Type.PUT, entry, current);
            }
            if (current == null) {
                throw new AssertionError("deleted nothing");
            }
            var tombstone = new Entry(key, current.value(), current.createRevision(), revision, 0);
            return new Event(Event.Type.DELETE, tombstone, current);
        }

        void compact(long revision) {
            store.compact(revision);
            compacted = Math.max(compacted, revision);
            assertThat(store.compactedRevision()).isEqualTo(compacted);
        }

        void watch(String prefix, long from) {
            var seen = new Recorder();
            try {
                store.watch(prefix, from, seen);
                assertThat(from).isGreaterThanOrEqualTo(compacted);
                watches.add(new Watching(prefix, from, seen));
            } catch (CompactedException e) {
                assertThat(from).isLessThan(compacted);
            }
        }

        void check() {
            assertThat(store.snapshot().revision()).isEqualTo(revision());
            LongStream.rangeClosed(compacted, revision()).forEach(this::checkSnapshot);
            for (var watch : watches) {
                var expected = events.stream()
                        .filter(event -> event.revision() > watch.from
                                && event.entry().key().startsWith(watch.prefix))
                        .toList();
                var delivered = expected.isEmpty()
                        ? watch.seen.events()
                        : watch.seen.awaitRevision(expected.getLast().revision());
                assertThat(delivered).isEqualTo(expected);
            }
        }

        private void checkSnapshot(long revision) {
            var expected = stateAt(revision);
            var snapshot = store.snapshot(revision);
            assertThat(snapshot.range("", null)).containsExactlyElementsOf(expected.values());
            for (var prefix : List.of("/a", "/b/", "/c/x", "/c/xyz")) {
                var under = expected.subMap(prefix, prefix + "~");
                assertThat(snapshot.range(prefix, null)).containsExactlyElementsOf(under.values());
                var late = under.values().stream().filter(e -> e.key().compareTo("/c/xy") >= 0);
                assertThat(snapshot.range(prefix, "/c/xy")).containsExactlyElementsOf(late.toList());
                assertThat(snapshot.count(prefix)).isEqualTo(under.size());
            }
        }
    }
}
