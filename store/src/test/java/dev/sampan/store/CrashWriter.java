package dev.sampan.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The process that {@link SqliteCrashTest} kills: writes from several threads and prints a line for each write after the store
 * acknowledged it.
 */
final class CrashWriter {

    static final Retention RETENTION = new Retention(Duration.ofDays(1), 4_000, 64, 1 << 20);
    private static final int WRITERS = 8;
    private static final int KEYS = 60;

    private CrashWriter() {}

    /** Arguments: directory, seed, writes per thread. */
    public static void main(String[] arguments) throws Exception {
        var options = new SqliteStore.Options(RETENTION, 0, InstantSource.system());
        long seed = Long.parseLong(arguments[1]);
        int writes = Integer.parseInt(arguments[2]);
        try (var store = SqliteStore.open(Path.of(arguments[0]), options);
                var out = new FileOutputStream(FileDescriptor.out)) {
            var threads = IntStream.range(0, WRITERS)
                    .mapToObj(writer -> Thread.ofPlatform()
                            .start(() ->
                                    write(store, out, new Random(seed + writer), writes, writer == 0 && seed % 2 == 0)))
                    .toList();
            for (var thread : threads) {
                thread.join();
            }
        }
    }

    private static void write(Store store, FileOutputStream out, Random random, int writes, boolean shrinking) {
        for (int i = 0; i < writes; i++) {
            var key = "/registry/" + random.nextInt(KEYS);
            try {
                var entry = random.nextInt(4) == 0
                        ? Store.await(store.delete(key, Store.ANY))
                        : Store.await(store.put(key, value(random), Store.ANY));
                // One write of less than a page: lines of several threads do not mix, and a kill does not split them.
                out.write((acknowledgement(entry) + "\n").getBytes(UTF_8));
                if (shrinking && i % 40 == 39) {
                    store.shrink();
                }
            } catch (RevisionConflictException _) {
                // there was nothing to delete
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static byte[] value(Random random) {
        var value = new byte[random.nextInt(20) == 0 ? 20_000 : 1 + random.nextInt(600)];
        random.nextBytes(value);
        return value;
    }

    /** What identifies a write: compared with what is found on disk later. */
    static String acknowledgement(Entry entry) {
        return entry.modRevision() + " " + entry.key() + " " + entry.createRevision() + " " + entry.version() + " "
                + java.util.Arrays.hashCode(entry.value());
    }
}
