package dev.sampan.benchmarks;

import dev.sampan.store.Entry;
import dev.sampan.store.SqliteStore;
import dev.sampan.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** How long the store takes to open with many objects of 1 KB in it, and what heap an object costs beyond its bytes. */
public final class StoreStart {

    private static final int VALUE = 1024;
    private static final int BATCH = 1_000;

    private StoreStart() {}

    /** Arguments: objects (default: 150000), a folder on the disk to use (default: target). */
    public static void main(String[] arguments) throws Exception {
        int objects = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 150_000;
        var disk = Path.of(arguments.length > 1 ? arguments[1] : "target");
        try (var workspace = Workspace.in(disk)) {
            fill(workspace.path(), objects);
            open(workspace.path()).close(); // classes and the native library are loaded
            long before = usedHeap();
            long start = System.nanoTime();
            try (var store = open(workspace.path())) {
                var took = Duration.ofNanos(System.nanoTime() - start);
                long overhead = (usedHeap() - before) / store.snapshot().count("") - VALUE;
                System.out.printf(
                        "opening a store of %,d objects of 1 KB: %d ms; %d bytes of heap an object beyond its value%n",
                        store.snapshot().count(""), took.toMillis(), overhead);
            }
        }
    }

    private static Store open(Path directory) {
        return SqliteStore.open(directory, SqliteStore.Options.defaults());
    }

    private static void fill(Path directory, int objects) {
        try (var store = open(directory)) {
            for (int from = 0; from < objects; from += BATCH) {
                var writes = IntStream.range(from, Math.min(objects, from + BATCH))
                        .mapToObj(i -> put(store, i))
                        .toList();
                writes.forEach(Store::await);
            }
        }
    }

    private static CompletableFuture<Entry> put(Store store, int i) {
        return store.put(
                "/registry/core/pods/namespace-%d/pod-%d".formatted(i % 500, i), new byte[VALUE], Store.ABSENT);
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
