package dev.sampan.benchmarks;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.store.Entry;
import dev.sampan.store.SqliteStore;
import dev.sampan.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * How long an API server, and then a whole cluster, takes to be ready with many objects: a third pods that wait for their gate, the
 * rest ConfigMaps of 1 KB, in a hundred namespaces. Beside it the store alone.
 */
public final class ApiStart {

    private static final int NAMESPACES = 100;
    private static final int BATCH = 1_000;
    private static final int SETTLE_SECONDS = 30;
    private static final String CONFIG_MAP = """
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "first"}, "data": {"text": "%s"}}""".formatted("x".repeat(700));

    private ApiStart() {}

    /** Arguments: objects (default: 150000), a folder on the disk to use (default: target), the launcher (default: ./sampan). */
    public static void main(String[] arguments) throws Exception {
        int objects = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 150_000;
        var disk = Path.of(arguments.length > 1 ? arguments[1] : "target");
        var launcher = Path.of(arguments.length > 2 ? arguments[2] : "sampan").toAbsolutePath();
        try (var workspace = Workspace.in(disk)) {
            var home = workspace.path().toAbsolutePath();
            fill(home, objects);
            long start = System.nanoTime();
            try (var store = open(home)) {
                System.out.printf(
                        "the store alone with %,d objects: open after %d ms%n",
                        store.snapshot().count(""), millisSince(start));
            }
            try (var server = ApiProcess.start(home)) {
                var resident = server.residentBytes();
                var cpu = server.cost().cpu();
                var heap = server.heap();
                System.out.printf(
                        "an API server with %,d objects of %,d bytes: ready after %d ms (%d ms of CPU), resident %d MB, "
                                + "heap %d MB: %d bytes an object beyond its value%n",
                        heap.objects(),
                        heap.values() / heap.objects(),
                        server.ready().toMillis(),
                        cpu.toMillis(),
                        resident >> 20,
                        heap.used() >> 20,
                        (heap.used() - heap.values()) / heap.objects());
            }
            cluster(launcher, home);
        }
    }

    private static void cluster(Path launcher, Path home) throws IOException, InterruptedException {
        var cluster = new LaunchedCluster(launcher, home);
        long start = System.nanoTime();
        try {
            cluster.sampan(
                    "up", "--api-port=16443", "--ingress-port=18080", "--ingress-tls-port=18443", "--node-port=11250");
            long ready = millisSince(start);
            var usage = cluster.usage();
            System.out.printf(
                    "a cluster with them: ready after %d ms (%d ms of CPU), resident %d MB%n",
                    ready, usage.cpu().toMillis(), usage.residentKilobytes() >> 10);
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            var later = cluster.usage();
            System.out.printf(
                    "%d s later: %d ms of CPU more, resident %d MB%n",
                    SETTLE_SECONDS, later.cpu().minus(usage.cpu()).toMillis(), later.residentKilobytes() >> 10);
        } finally {
            cluster.sampan("down");
        }
    }

    private static Store open(Path home) {
        return SqliteStore.open(home.resolve("state"), SqliteStore.Options.defaults());
    }

    private static void fill(Path home, int objects) {
        try (var store = open(home)) {
            var pki = home.resolve("pki");
            try (var server = new ApiServer(ApiServerConfig.defaults(pki).withPort(0), store)) {
                for (int i = 0; i < NAMESPACES; i++) {
                    post(server, ApiRequests.namespace("bench-" + i));
                }
                post(server, ApiRequests.serviceAccount("bench-0"));
                post(server, new ApiRequests.Post(ApiRequests.pods("bench-0"), ApiRequests.pod("first")));
                post(server, new ApiRequests.Post("/api/v1/namespaces/bench-0/configmaps", CONFIG_MAP));
            }
            var patterns = List.of(stored(store, "pods"), stored(store, "configmaps"), stored(store, "configmaps"));
            for (int from = 0; from < objects; from += BATCH) {
                var writes = IntStream.range(from, Math.min(objects, from + BATCH))
                        .mapToObj(i -> copy(store, patterns.get(i % patterns.size()), i))
                        .toList();
                writes.forEach(Store::await);
            }
        }
    }

    private static Entry stored(Store store, String resource) {
        var entry = store.snapshot().get("/registry/core/" + resource + "/bench-0/first");
        if (entry == null) {
            throw new IllegalStateException("the first of the " + resource + " is not where it was expected");
        }
        return entry;
    }

    /** The same object with another name, namespace and uid. */
    private static java.util.concurrent.CompletableFuture<Entry> copy(Store store, Entry pattern, int number) {
        var namespace = "bench-" + number % NAMESPACES;
        var json = new String(pattern.value(), StandardCharsets.UTF_8)
                .replace("\"first\"", "\"copy-" + number + '"')
                .replace("\"bench-0\"", '"' + namespace + '"')
                .replaceFirst("\"uid\":\"[^\"]*\"", "\"uid\":\"" + new UUID(number, number) + '"');
        var key = pattern.key().replace("bench-0/first", namespace + "/copy-" + number);
        return store.put(key, json.getBytes(StandardCharsets.UTF_8), Store.ABSENT);
    }

    private static void post(ApiServer server, ApiRequests.Post post) {
        var request = new ApiRequest(
                "POST",
                post.path(),
                Map.of(),
                Map.of("content-type", List.of("application/json")),
                post.body().getBytes(StandardCharsets.UTF_8),
                UserInfo.of("kubernetes-admin", "system:masters"),
                null,
                "127.0.0.1");
        var answer = server.handle(request);
        if (answer.status() != 201) {
            throw new IllegalStateException(
                    answer instanceof ApiResponse.Complete complete
                            ? new String(complete.body(), StandardCharsets.UTF_8)
                            : answer.toString());
        }
    }

    private static long millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }
}
