package dev.sampan.store;

import java.nio.file.Path;

/** The process that {@link SqliteFullDiskTest} starts with a bound on the size of files, which is lifted when it says so. */
final class FullDiskWriter {

    private FullDiskWriter() {}

    public static void main(String[] arguments) throws Exception {
        try (var store = SqliteStore.open(Path.of(arguments[0]), SqliteStore.Options.defaults())) {
            long acknowledged = fill(store);
            System.out.println("full " + acknowledged + " " + store.snapshot().revision());
            int failures = 0;
            for (int i = 0; i < 20; i++) {
                failures += tryPut(store, 50_000) ? 0 : 1;
            }
            System.out.println("failed " + failures + " " + store.snapshot().revision() + " "
                    + store.snapshot().count("/"));
            System.in.read();
            System.out.println(
                    "again " + tryPut(store, 50_000) + " " + store.snapshot().revision());
        }
    }

    /** Several failures in a row: after the first, opening the file anew folds the log into it, which makes room once more. */
    private static long fill(Store store) {
        long acknowledged = 0;
        for (int failures = 0; failures < 10; failures++) {
            while (tryPut(store, 2_000)) {
                acknowledged++;
                failures = 0;
            }
        }
        return acknowledged;
    }

    private static boolean tryPut(Store store, int size) {
        try {
            Store.await(store.put("/" + store.snapshot().revision(), new byte[size], Store.ANY));
            return true;
        } catch (StoreException _) {
            return false;
        }
    }
}
