package dev.sampan.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetentionTest {

    private Instant now = Instant.EPOCH;
    private final InstantSource clock = () -> now;

    @Test
    void historyGoesWhenItIsOldEnough(@TempDir Path directory) {
        var retention = new Retention(Duration.ofMinutes(5), 100_000, 10, 1 << 20);
        try (var memory = new MemoryStore(retention, clock);
                var sqlite = SqliteStore.open(directory, new SqliteStore.Options(retention, 0, clock))) {
            for (var store : new SequencedStore[] {memory, sqlite}) {
                now = Instant.EPOCH;
                for (int minute = 0; minute < 12; minute++) {
                    for (int i = 0; i < 100; i++) {
                        StoreContract.put(store, "/" + i, "x");
                    }
                    store.tend();
                    now = now.plus(Duration.ofMinutes(1));
                }
                assertThat(store.compactedRevision()).isEqualTo(1 + 600);
                assertThat(store.snapshot(601).count("")).isEqualTo(100);
                now = now.plus(Duration.ofHours(1));
                store.tend();
                store.tend();
                assertThat(store.compactedRevision()).isEqualTo(store.snapshot().revision());
            }
        }
    }

    @Test
    void historyGoesWhenItIsTooMuch() {
        var retention = new Retention(Duration.ofDays(1), 250, 10, 1 << 20);
        try (var store = new MemoryStore(retention, clock)) {
            for (int i = 0; i < 1_000; i++) {
                StoreContract.put(store, "/" + i, "x");
            }
            assertThat(store.compactedRevision()).isBetween(501L, 751L);
            store.tend();
            assertThat(store.compactedRevision()).isEqualTo(751);
        }
    }

    @Test
    void supersededRowsAreFreed(@TempDir Path directory) throws Exception {
        var retention = new Retention(Duration.ofDays(1), 100, 10, 1 << 20);
        var options = new SqliteStore.Options(retention, 4 << 20, clock);
        try (var store = SqliteStore.open(directory, options)) {
            for (int i = 0; i < 200; i++) {
                var writes = IntStream.range(0, 100)
                        .mapToObj(key -> store.put("/" + key % 10, new byte[1_000], Store.ANY))
                        .toList();
                writes.forEach(Store::await);
            }
            assertThat(store.snapshot().revision()).isEqualTo(20_001);
        }
    }
}
