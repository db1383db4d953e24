package dev.sampan.store;

import static dev.sampan.store.StoreContract.delete;
import static dev.sampan.store.StoreContract.put;
import static dev.sampan.store.StoreContract.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An etcd that several use, that is killed, paused, compacted by others, and out of reach. */
@Timeout(120)
final class EtcdSharedTest {

    @TempDir
    private Path folder;

    private EtcdServer etcd;

    @BeforeEach
    void start() throws Exception {
        assumeThat(EtcdServer.isInstalled())
                .as("Debian's etcd-server is needed")
                .isTrue();
        etcd = EtcdServer.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        if (etcd != null) {
            etcd.close();
        }
    }

    private EtcdStore open() {
        return open(etcd.uri(), "");
    }

    private static EtcdStore open(URI uri, String prefix) {
        return EtcdStore.open(
                new EtcdStore.Options(List.of(uri), prefix, null, Retention.DEFAULT, InstantSource.system()));
    }

    @Test
    void whatOneWritesIsInTheLatestStateOfTheOther() throws Exception {
        try (var one = open();
                var other = open()) {
            var seen = new Recorder();
            other.watch("/", 1, seen);
            for (int i = 2; i < 200; i++) {
                var written = put(one, "/" + i % 7, "v" + i);
                assertThat(other.latest().get("/" + i % 7)).isEqualTo(written);
            }
            delete(one, "/3");
            assertThat(other.latest().get("/3")).isNull();
            assertThat(seen.revisionsUpTo(200)).isEqualTo(revisions(2, 200));
        }
    }

    @Test
    void ofTwoWhoExpectTheSameRevisionOneWins() throws Exception {
        try (var one = open();
                var other = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            put(one, "/counter", "0");
            var increments = new ArrayList<Callable<Void>>();
            for (var store : List.of(one, other, one, other)) {
                increments.add(() -> {
                    for (int i = 0; i < 25; i++) {
                        increment(store);
                    }
                    return null;
                });
            }
            for (var done : threads.invokeAll(increments)) {
                done.get();
            }
            assertThat(text(one.latest().get("/counter"))).isEqualTo("100");
        }
    }

    private static void increment(Store store) {
        while (true) {
            var current = requireNonNull(store.snapshot().get("/counter"));
            var next = Integer.toString(Integer.parseInt(text(current)) + 1);
            try {
                Store.await(store.put(
                        "/counter", next.getBytes(java.nio.charset.StandardCharsets.UTF_8), current.modRevision()));
                return;
            } catch (RevisionConflictException e) {
                assertThat(requireNonNull(store.snapshot().get("/counter")).modRevision())
                        .isGreaterThanOrEqualTo(requireNonNull(e.current()).modRevision());
            }
        }
    }

    @Test
    void otherPrefixesMoveTheRevisionAndNothingElse() {
        try (var ours = open(etcd.uri(), "/ours");
                var theirs = open(etcd.uri(), "/theirs")) {
            put(ours, "/a", "ours");
            put(theirs, "/a", "theirs");
            put(theirs, "/b", "theirs");
            assertThat(ours.latest().revision()).isEqualTo(4);
            assertThat(ours.snapshot().count("")).isEqualTo(1);
            assertThat(text(ours.snapshot().get("/a"))).isEqualTo("ours");
            assertThat(text(ours.snapshot(3).get("/a"))).isEqualTo("ours");
            var seen = new Recorder();
            var watch = ours.watch("/", 1, seen);
            await().until(() -> watch.progress() >= 4);
            assertThat(seen.revisionsUpTo(2)).containsExactly(2L);
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenEtcdIsKilled() throws Exception {
        try (var store = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var seen = new Recorder();
            store.watch("/", 1, seen);
            var acknowledged = new ConcurrentSkipListMap<Long, Entry>();
            var writers = new ArrayList<Callable<Void>>();
            for (int w = 0; w < 4; w++) {
                var key = "/" + w;
                writers.add(() -> {
                    for (int i = 0; i < 300; i++) {
                        writeThrough(store, key, "v" + i, acknowledged);
                    }
                    return null;
                });
            }
            var running = writers.stream().map(threads::submit).toList();
            for (int kill = 1; kill <= 2; kill++) {
                int enough = kill * 300;
                await().until(() -> acknowledged.size() > enough);
                etcd.kill();
                etcd.restart();
            }
            for (var writer : running) {
                writer.get();
            }
            long last = store.latest().revision();
            var events = seen.awaitRevision(last);
            assertThat(events.stream().map(Event::revision).toList())
                    .as("every revision once")
                    .isEqualTo(revisions(2, last));
            var byRevision = new TreeMap<Long, Entry>();
            events.forEach(event -> byRevision.put(event.revision(), event.entry()));
            assertThat(byRevision).containsAllEntriesOf(acknowledged);
        }
    }

    /** Tries until it is acknowledged; what failed may have been written all the same. */
    private static void writeThrough(Store store, String key, String value, ConcurrentSkipListMap<Long, Entry> done) {
        await().pollInterval(20, TimeUnit.MILLISECONDS)
                .atMost(60, TimeUnit.SECONDS)
                .ignoreExceptionsMatching(e -> e.getClass() == StoreException.class)
                .until(() -> {
                    var entry = put(store, key, value);
                    return done.put(entry.modRevision(), entry) == null;
                });
    }

    @Test
    void aServerThatIsAwayIsNamedAndWhatWasReadStays() throws Exception {
        try (var store = open()) {
            var written = put(store, "/a", "1");
            etcd.kill();
            assertThatThrownBy(() -> put(store, "/a", "2"))
                    .isExactlyInstanceOf(StoreException.class)
                    .hasMessageContaining("etcd at [" + etcd.uri() + "]");
            assertThatThrownBy(store::latest).isExactlyInstanceOf(StoreException.class);
            assertThat(store.snapshot().get("/a")).isEqualTo(written);
            etcd.restart();
            await().atMost(30, TimeUnit.SECONDS)
                    .ignoreExceptions()
                    .until(() -> text(put(store, "/a", "3")).equals("3"));
        }
    }

    @Test
    void aWriteWaitsWhileEtcdIsPaused() throws Exception {
        try (var store = open()) {
            put(store, "/a", "1");
            etcd.signal("STOP");
            var waiting = store.put("/a", new byte[] {'2'}, Store.ANY);
            assertThat(waiting).isNotDone();
            etcd.signal("CONT");
            assertThat(text(Store.await(waiting))).isEqualTo("2");
        }
    }

    @Test
    void watchersGoOnAfterHistoryWasCompactedBehindTheirBack() throws Exception {
        try (var relay = new Relay(etcd.uri().getPort());
                var cutOff = open(relay.uri(), "");
                var other = open()) {
            var before = put(other, "/changed", "1");
            put(other, "/deleted", "1");
            put(other, "/kept", "1");
            cutOff.latest();
            var seen = new Recorder();
            cutOff.watch("/", cutOff.snapshot().revision(), seen);

            relay.cut();
            put(other, "/changed", "2");
            put(other, "/changed", "3");
            put(other, "/new", "1");
            delete(other, "/deleted");
            long last = other.latest().revision();
            other.compact(last);
            relay.mend();

            var events = seen.awaitRevision(last);
            assertThat(events.stream()
                            .map(e -> e.type() + " " + e.entry().key())
                            .toList())
                    .containsExactly("PUT /changed", "PUT /new", "DELETE /deleted");
            assertThat(events.getFirst().previous()).isEqualTo(before);
            assertThat(cutOff.latest().revision()).isEqualTo(last);
            assertThat(StoreContract.contents(cutOff.snapshot())).isEqualTo(StoreContract.contents(other.snapshot()));
            assertThatThrownBy(() -> cutOff.snapshot(last - 1)).isInstanceOf(CompactedException.class);
            var next = put(other, "/kept", "2");
            assertThat(seen.awaitRevision(next.modRevision()).getLast().entry()).isEqualTo(next);
        }
    }

    @Test
    void anEtcdThatIsNotThereIsSaidSo() throws Exception {
        etcd.kill();
        assertThatThrownBy(this::open)
                .isExactlyInstanceOf(StoreException.class)
                .hasMessageContaining(etcd.uri().toString());
    }

    private static List<Long> revisions(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}
