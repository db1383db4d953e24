package dev.sampan.benchmarks;

import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.store.SqliteStore;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long after the acknowledgement of a write the last of many watchers of its prefix has the event, writing at a fixed rate; and
 * how many deliveries a second there are when writing as fast as it goes. Three ways: the store in process, the API server over HTTP/2
 * with TLS, and etcd over gRPC; the clients share the machine.
 */
public final class WatchFanOut {

    private static final int EVENTS = 500;
    private static final String PREFIX = "/registry/core/pods/";

    private WatchFanOut() {}

    /** Arguments: watchers (default: 1000), events a second (default: 100), a folder on the disk to use (default: target). */
    public static void main(String[] arguments) throws Exception {
        int watchers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000;
        int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        var disk = Path.of(arguments.length > 2 ? arguments[2] : "target");
        try (var workspace = Workspace.in(disk)) {
            var store = store(workspace.path(), watchers, rate);
            var api = api(workspace.path(), watchers, rate);
            var etcd = etcd(workspace.path(), watchers, rate);
            System.out.printf(
                    "last of %,d watchers at %d events/s: store %s, API server %s, beside etcd %s %s%n",
                    watchers, rate, store.lag(), api.lag(), Etcd.version(), etcd.lag());
            System.out.printf(
                    "deliveries to %,d watchers: store %,.0f/s, API server %,.0f/s, beside etcd %s %,.0f/s%n",
                    watchers, store.deliveries(), api.deliveries(), Etcd.version(), etcd.deliveries());
        }
    }

    private record Figures(Latencies lags, double deliveries) {

        String lag() {
            return "p50 %.2f ms, p99 %.2f ms".formatted(lags.millis(0.5), lags.millis(0.99));
        }
    }

    private static Figures figures(FanOut fanOut, int rate) throws Exception {
        fanOut.lags(EVENTS / 5, rate); // warms up
        return new Figures(fanOut.lags(EVENTS, rate), fanOut.flood(EVENTS));
    }

    private static Figures store(Path directory, int watchers, int rate) throws Exception {
        try (var store = KeyValue.Sqlite.in(directory.resolve("store"))) {
            return keyValue(store, watchers, rate);
        }
    }

    private static Figures etcd(Path directory, int watchers, int rate) throws Exception {
        try (var server = Etcd.start(directory.resolve("etcd"));
                var etcd = KeyValue.OverGrpc.to(server)) {
            return keyValue(etcd, watchers, rate);
        }
    }

    private static Figures keyValue(KeyValue store, int watchers, int rate) throws Exception {
        var written = new AtomicInteger();
        var value = new byte[1024];
        return figures(
                new FanOut(
                        watchers,
                        onEvent -> store.watch(PREFIX, onEvent),
                        () -> store.put(PREFIX + "default/pod-" + written.getAndIncrement() % 100, value)),
                rate);
    }

    private static Figures api(Path directory, int watchers, int rate) throws Exception {
        var pki = directory.resolve("pki");
        try (var store = SqliteStore.open(directory.resolve("api"), SqliteStore.Options.defaults());
                var server = new ApiServer(ApiServerConfig.defaults(pki).withPort(0), store)) {
            server.start();
            try (var clients = new ApiClients(server.uri(), pki, watchers)) {
                clients.createConfigMap();
                return figures(new FanOut(watchers, clients::watch, clients::update), rate);
            }
        }
    }
}
