package dev.sampan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStoreTest extends StoreContract {

    @TempDir
    private Path temporary;

    private final AtomicInteger stores = new AtomicInteger();

    @Override
    Store open(Retention retention) {
        var directory = temporary.resolve("state" + stores.incrementAndGet());
        return SqliteStore.open(directory, new SqliteStore.Options(retention, 0, InstantSource.system()));
    }

    private SqliteStore reopen() {
        return SqliteStore.open(temporary.resolve("state"), SqliteStore.Options.defaults());
    }

    @Test
    void everythingComesBack() {
        Entry a;
        try (var store = reopen()) {
            a = put(store, "/a", "1");
            put(store, "/b", "1");
            put(store, "/b", "2");
            delete(store, "/b");
            put(store, "/ü", "");
        }
        try (var store = reopen()) {
            assertThat(store.snapshot().revision()).isEqualTo(6);
            assertThat(store.snapshot().get("/a")).isEqualTo(a);
            assertThat(keys(store.snapshot().range("", null))).containsExactly("/a", "/ü");
            assertThat(text(store.snapshot(4).get("/b"))).isEqualTo("2");
            var recorder = new Recorder();
            store.watch("/b", 3, recorder);
            assertThat(put(store, "/b", "3").modRevision()).isEqualTo(7);
            assertThat(recorder.revisionsUpTo(7)).containsExactly(4L, 5L, 7L);
            assertThat(text(recorder.events().get(1).entry())).isEqualTo("2");
        }
    }

    @Test
    void revisionsGoOnAfterAllHistoryIsGone() {
        try (var store = reopen()) {
            put(store, "/a", "1");
            delete(store, "/a");
            store.compact(3);
        }
        try (var store = reopen()) {
            assertThat(store.snapshot().revision()).isEqualTo(3);
            assertThat(store.compactedRevision()).isEqualTo(3);
            assertThatThrownBy(() -> store.snapshot(2)).isInstanceOf(CompactedException.class);
            assertThat(put(store, "/a", "1").modRevision()).isEqualTo(4);
        }
    }

    @Test
    void aSecondOpenerIsTurnedAway() {
        try (var store = reopen()) {
            assertThatThrownBy(this::reopen)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(
                            "is in use by process " + ProcessHandle.current().pid());
            put(store, "/a", "1");
        }
        reopen().close();
    }

    @Test
    void theDirectoryIsItsOwnersOnly() throws Exception {
        reopen().close();
        assertThat(Files.getPosixFilePermissions(temporary.resolve("state")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aFileOfAnotherVersionOrKindIsRefused() throws Exception {
        reopen().close();
        var file = temporary.resolve("state/state.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 7");
        }
        assertThatThrownBy(this::reopen).hasMessageContaining("has the format 7");
        Files.writeString(
                file, "something else entirely, but long enough to be read as a header of a database".repeat(20));
        assertThatThrownBy(this::reopen).isInstanceOf(StoreException.class).hasMessageContaining("damaged");
        Files.delete(file);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE other (x)");
        }
        assertThatThrownBy(this::reopen).hasMessageContaining("is not a Sampan store");
    }

    @Test
    void aDamagedFileIsReported() throws Exception {
        try (var store = reopen()) {
            for (int i = 0; i < 500; i++) {
                put(store, "/" + i, "x".repeat(1_000));
            }
        }
        var file = temporary.resolve("state/state.db");
        var bytes = Files.readAllBytes(file);
        for (int i = 8192; i < bytes.length; i++) {
            bytes[i] ^= 0x5a;
        }
        Files.write(file, bytes);
        assertThatThrownBy(this::reopen).isInstanceOf(StoreException.class).hasMessageContaining("damaged");
    }

    @Test
    void aFullStoreFailsWritesServesReadsAndRecovers() {
        var options = new SqliteStore.Options(Retention.DEFAULT, 1 << 20, InstantSource.system());
        var directory = temporary.resolve("full");
        long last = 1;
        try (var store = SqliteStore.open(directory, options)) {
            while (true) {
                try {
                    last = Store.await(store.put("/" + last % 50, new byte[5000], Store.ANY))
                            .modRevision();
                } catch (StoreFullException e) {
                    assertThat(e).hasMessageContaining("no space left");
                    break;
                }
            }
            assertThat(last).isGreaterThan(150);
            assertThat(store.snapshot().revision()).isEqualTo(last);
            assertThatThrownBy(() -> Store.await(store.put("/x", new byte[100_000], Store.ANY)))
                    .isInstanceOf(StoreFullException.class);
            assertThat(store.snapshot().get("/x")).isNull();
            store.compact(last);
            store.tend();
            assertThat(Store.await(store.put("/x", new byte[100_000], Store.ANY))
                            .modRevision())
                    .isEqualTo(last + 1);
        }
        try (var store = SqliteStore.open(directory, options)) {
            assertThat(store.snapshot().revision()).isEqualTo(last + 1);
            assertThat(store.snapshot().count("")).isEqualTo(51);
        }
    }

    @Test
    void aTruncatedOrDamagedWriteAheadLogLeavesAPrefix() throws Exception {
        var live = temporary.resolve("state");
        try (var store = reopen()) {
            for (int i = 0; i < 100; i++) {
                put(store, "/" + i % 10, "v" + i + "x".repeat(300));
            }
            var log = Files.readAllBytes(live.resolve("state.db-wal"));
            for (int cut = 0; cut < log.length; cut += 7_919) {
                var copy = Files.createDirectory(temporary.resolve("cut" + cut));
                Files.copy(live.resolve("state.db"), copy.resolve("state.db"));
                var damaged = cut % 2 == 0 ? java.util.Arrays.copyOf(log, cut) : log.clone();
                if (cut % 2 == 1) {
                    damaged[cut] ^= 0x55;
                }
                Files.write(copy.resolve("state.db-wal"), damaged);
                try (var rescued = SqliteStore.open(copy, SqliteStore.Options.defaults())) {
                    long revision = rescued.snapshot().revision();
                    assertThat(contents(rescued.snapshot())).isEqualTo(contents(store.snapshot(revision)));
                    assertThat(put(rescued, "/new", "1").modRevision()).isEqualTo(revision + 1);
                }
            }
        }
    }
}
