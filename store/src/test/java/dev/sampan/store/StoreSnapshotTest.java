package dev.sampan.store;

import static dev.sampan.store.StoreContract.contents;
import static dev.sampan.store.StoreContract.delete;
import static dev.sampan.store.StoreContract.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreSnapshotTest {

    @TempDir
    private Path folder;

    private static SqliteStore open(Path directory) {
        return SqliteStore.open(directory, SqliteStore.Options.defaults());
    }

    private Path saved() throws IOException {
        var file = folder.resolve("snapshot.db");
        try (var store = open(folder.resolve("one"))) {
            put(store, "/a", "1");
            put(store, "/a", "2");
            put(store, "/b", "1");
            put(store, "/c", "1");
            delete(store, "/b");
            StoreSnapshot.save(folder.resolve("one"), file);
        }
        return file;
    }

    @Test
    void comesBackWithItsRevisionsAndHistory() throws IOException {
        var file = saved();

        var status = StoreSnapshot.status(file);
        StoreSnapshot.restore(file, folder.resolve("two"), 0);

        assertThat(status.revision()).isEqualTo(6);
        assertThat(status.totalKeys()).isEqualTo(2);
        assertThat(status.totalSize()).isEqualTo(Files.size(file));
        assertThat(status.hash()).matches("[0-9a-f]{8}");
        try (var one = open(folder.resolve("one"));
                var two = open(folder.resolve("two"))) {
            assertThat(contents(two.snapshot())).isEqualTo(contents(one.snapshot()));
            assertThat(contents(two.snapshot(3))).isEqualTo(contents(one.snapshot(3)));
            assertThat(put(two, "/d", "1").modRevision()).isEqualTo(7);
        }
    }

    @Test
    void mayBeAheadOfWhatWasWrittenAfterIt() throws IOException {
        StoreSnapshot.restore(saved(), folder.resolve("two"), 1_000);

        try (var two = open(folder.resolve("two"))) {
            assertThat(two.snapshot().revision()).isEqualTo(1_006);
            assertThat(two.compactedRevision()).isEqualTo(1_006);
            assertThat(two.snapshot().count("")).isEqualTo(2);
            assertThatThrownBy(() -> two.watch("/", 6, new Recorder())).isInstanceOf(CompactedException.class);
            assertThat(put(two, "/a", "3").modRevision()).isEqualTo(1_007);
        }
    }

    @Test
    void isOneStateEvenWhileTheStoreIsWrittenTo() throws Exception {
        var file = folder.resolve("snapshot.db");
        var stop = new AtomicBoolean();
        try (var store = open(folder.resolve("one"))) {
            put(store, "/left", "0");
            put(store, "/right", "0");
            var writer = Thread.ofVirtual().start(() -> {
                for (int i = 1; !stop.get(); i++) {
                    put(store, "/left", Integer.toString(i));
                    put(store, "/right", Integer.toString(i));
                }
            });
            for (int i = 0; i < 5; i++) {
                StoreSnapshot.save(folder.resolve("one"), file);
                StoreSnapshot.restore(file, folder.resolve("copy" + i), 0);
                try (var copy = open(folder.resolve("copy" + i))) {
                    long left =
                            Long.parseLong(StoreContract.text(copy.snapshot().get("/left")));
                    long right =
                            Long.parseLong(StoreContract.text(copy.snapshot().get("/right")));
                    assertThat(left - right).isBetween(0L, 1L);
                    assertThat(copy.snapshot().revision()).isEqualTo(3 + left + right);
                }
            }
            stop.set(true);
            writer.join();
        }
    }

    @Test
    void isRefusedWhenDamaged() throws IOException {
        var file = saved();
        var cut = folder.resolve("cut.db");
        Files.copy(file, cut);
        try (var channel = FileChannel.open(cut, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
        }
        var changed = Files.write(folder.resolve("changed.db"), changed(Files.readAllBytes(file)));
        var empty = Files.createFile(folder.resolve("empty.db"));

        for (var bad : new Path[] {cut, changed, empty}) {
            assertThatThrownBy(() -> StoreSnapshot.status(bad))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is no snapshot, or is damaged");
            assertThatThrownBy(() -> StoreSnapshot.restore(bad, folder.resolve("two"), 0))
                    .isInstanceOf(StoreException.class);
        }
        assertThat(folder.resolve("two")).doesNotExist();
    }

    private static byte[] changed(byte[] bytes) {
        bytes[bytes.length / 2] ^= 1;
        return bytes;
    }

    @Test
    void overwritesNoStore() throws IOException {
        var file = saved();
        assertThatThrownBy(() -> StoreSnapshot.restore(file, folder.resolve("one"), 0))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("There is a store in");
        assertThatThrownBy(() -> StoreSnapshot.save(folder.resolve("none"), file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("There is no store in");
        assertThat(StoreSnapshot.status(file).revision()).isEqualTo(6);
    }
}
