package dev.sampan.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/**
 * Acknowledged writes a second: each client writes 1 KB, waits for the acknowledgement, writes again. The store and etcd take turns
 * on the same disk; of their rounds the median counts. The store is called in process, as the API server does; etcd over gRPC, as an
 * API server has to.
 */
public final class StoreWrites {

    private static final int[] CLIENTS = {1, 64};
    private static final int ROUNDS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final int KEYS_EACH = 100;
    private static final int VALUE = 1024;

    private StoreWrites() {}

    /** Arguments: a folder on the disk to measure (default: target), seconds a round (default: 3). */
    public static void main(String[] arguments) throws Exception {
        var disk = Path.of(arguments.length > 0 ? arguments[0] : "target");
        var round = Duration.ofSeconds(arguments.length > 1 ? Long.parseLong(arguments[1]) : 3);
        try (var workspace = Workspace.in(disk);
                var server = Etcd.start(workspace.path().resolve("etcd"));
                var etcd = KeyValue.OverGrpc.to(server);
                var sqlite = KeyValue.Sqlite.in(workspace.path().resolve("sqlite"))) {
            for (int clients : CLIENTS) {
                run(sqlite, clients, VALUE, WARM_UP);
                run(etcd, clients, VALUE, WARM_UP);
                var ours = new ArrayList<Latencies>();
                var theirs = new ArrayList<Latencies>();
                for (int i = 0; i < ROUNDS; i++) {
                    ours.add(run(sqlite, clients, VALUE, round));
                    theirs.add(run(etcd, clients, VALUE, round));
                }
                print(clients, Latencies.median(ours), Latencies.median(theirs));
            }
        }
    }

    private static void print(int clients, Latencies ours, Latencies theirs) throws Exception {
        System.out.printf(
                "acknowledged 1 KB writes, %d client%s: SQLite store %s beside etcd %s %s: %.1f times%n",
                clients, clients == 1 ? "" : "s", ours, Etcd.version(), theirs, ours.perSecond() / theirs.perSecond());
    }

    /** Writes values of so many bytes for a while. */
    static Latencies run(KeyValue store, int clients, int bytes, Duration length) throws Exception {
        long start = System.nanoTime();
        long end = start + length.toNanos();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Callable<long[]>>();
            for (int client = 0; client < clients; client++) {
                int number = client;
                tasks.add(() -> write(store, number, bytes, end));
            }
            List<long[]> parts = new ArrayList<>();
            for (var result : threads.invokeAll(tasks)) {
                parts.add(result.get());
            }
            return Latencies.of(parts, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private static long[] write(KeyValue store, int client, int bytes, long end) throws Exception {
        var latencies = new long[1024];
        int count = 0;
        var value = new byte[bytes];
        for (long before = System.nanoTime(); before < end; ) {
            store.put("/registry/core/pods/client-" + client + "/pod-" + count % KEYS_EACH, value);
            long after = System.nanoTime();
            if (count == latencies.length) {
                latencies = Arrays.copyOf(latencies, 2 * count);
            }
            latencies[count++] = after - before;
            before = after;
        }
        return Arrays.copyOf(latencies, count);
    }
}
