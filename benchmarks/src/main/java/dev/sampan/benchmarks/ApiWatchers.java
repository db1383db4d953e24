package dev.sampan.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many watchers of one namespace's pods over HTTP/2 with TLS while its pods change at a fixed rate: how long after a write's
 * acknowledgement the last watcher has its event, what that costs the server, and what a watcher costs it in memory. Beside it the
 * same bytes, sent to as many by the same process over TLS.
 */
public final class ApiWatchers {

    private static final int WATCHES_A_CONNECTION = 100;
    private static final int PODS = 64;
    private static final int EVENT = 2_200;
    private static final Duration LENGTH = Duration.ofSeconds(10);
    private static final long PATIENCE = 60;

    private final ApiProcess server;
    private final int watchers;
    private final AtomicLong delivered = new AtomicLong();
    private volatile CountDownLatch expected = new CountDownLatch(0);

    private ApiWatchers(ApiProcess server, int watchers) {
        this.server = server;
        this.watchers = watchers;
    }

    /** Arguments: watchers (default: 5000), events a second (default: 100), a folder on the disk to use (default: target). */
    public static void main(String[] arguments) throws Exception {
        int watchers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5_000;
        int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        var disk = Path.of(arguments.length > 2 ? arguments[2] : "target");
        var options = arguments.length > 3 ? new String[] {arguments[3]} : new String[0];
        try (var workspace = Workspace.in(disk);
                var server = ApiProcess.start(workspace.path(), options)) {
            new ApiWatchers(server, watchers).run(rate);
        }
    }

    private void run(int rate) throws Exception {
        try (var writer = new Http2(server.tls(), server.port())) {
            ApiRequests.namespace(ApiRequests.NAMESPACE).request().send(writer);
            ApiRequests.serviceAccount(ApiRequests.NAMESPACE).request().send(writer);
            for (int i = 0; i < PODS; i++) {
                ApiRequests.create(ApiRequests.NAMESPACE, "pod-" + i).send(writer);
            }
            long before = server.heap().used();
            var connections = watch();
            await(writer);
            long each = (server.heap().used() - before) / watchers;
            System.out.printf("heap for each of %,d watchers: %.1f KB%n", watchers, each / 1024.0);
            one(writer);
            paced(writer, rate);
            for (var connection : connections) {
                connection.close();
            }
        }
        echo();
    }

    private List<Http2> watch() throws Exception {
        var connections = new ArrayList<Http2>();
        var headers = Http2.headers(
                "GET",
                ApiRequests.pods(ApiRequests.NAMESPACE)
                        + "?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan",
                Map.of());
        for (int i = 0; i < watchers; i++) {
            if (i % WATCHES_A_CONNECTION == 0) {
                connections.add(new Http2(server.tls(), server.port()));
            }
            connections.getLast().send(headers, new byte[0]);
        }
        for (var connection : connections) {
            var unused = Thread.ofPlatform().daemon().start(() -> count(connection));
        }
        return connections;
    }

    private void count(Http2 connection) {
        try {
            connection.countLines(lines -> {
                delivered.addAndGet(lines);
                for (int i = 0; i < lines; i++) {
                    expected.countDown();
                }
            });
        } catch (java.io.IOException e) {
            // closed: what is missing will be missed
        }
    }

    /** Writes until every watcher gets each event. */
    private void await(Http2 writer) throws Exception {
        for (int i = 0; i < PATIENCE; i++) {
            if (write(writer, i).await(1, TimeUnit.SECONDS)) {
                return;
            }
        }
        throw new IllegalStateException("not all watchers get events");
    }

    private CountDownLatch write(Http2 writer, long number) throws Exception {
        var latch = new CountDownLatch(watchers);
        expected = latch;
        ApiRequests.merge("pod-" + number % PODS, System.nanoTime()).send(writer);
        return latch;
    }

    /** One event at a time: from its acknowledgement to its arrival at the last watcher. */
    private void one(Http2 writer) throws Exception {
        List<long[]> lags = new ArrayList<>();
        long start = System.nanoTime();
        while (System.nanoTime() - start < LENGTH.toNanos()) {
            var latch = write(writer, lags.size());
            long acknowledged = System.nanoTime();
            finish(latch);
            lags.add(new long[] {System.nanoTime() - acknowledged});
        }
        System.out.printf(
                "one event at a time: last of %,d watchers %s%n",
                watchers, Latencies.of(lags, Duration.ofNanos(System.nanoTime() - start)));
    }

    /** Events at a rate: what the server spends, and how far behind the last watcher is after the last of them. */
    private void paced(Http2 writer, int rate) throws Exception {
        int events = (int) (rate * LENGTH.toSeconds());
        var latch = new CountDownLatch(watchers * events);
        expected = latch;
        var before = server.cost();
        long deliveredBefore = delivered.get();
        long start = System.nanoTime();
        long late = 0;
        for (int i = 0; i < events; i++) {
            long due = start + TimeUnit.SECONDS.toNanos(i) / rate;
            late = Math.max(late, System.nanoTime() - due);
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            ApiRequests.merge("pod-" + i % PODS, System.nanoTime()).send(writer);
        }
        long written = System.nanoTime();
        finish(latch);
        long end = System.nanoTime();
        var cost = server.cost().since(before);
        long deliveries = delivered.get() - deliveredBefore;
        System.out.printf(
                "%d events at %d/s: written in %.1f s, last of %,d watchers %d ms after the last acknowledgement; "
                        + "server %.1f s of CPU, %.2f µs and %,d bytes allocated a delivery, %,.0f deliveries/s%n",
                events,
                rate,
                (written - start) / 1e9,
                watchers,
                TimeUnit.NANOSECONDS.toMillis(end - written),
                cost.cpu().toMillis() / 1e3,
                cost.cpu().toNanos() / 1e3 / deliveries,
                cost.allocated() / deliveries,
                deliveries / ((end - start) / 1e9));
    }

    private void finish(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(PATIENCE, TimeUnit.SECONDS)) {
            throw new IllegalStateException(latch.getCount() + " deliveries are missing");
        }
    }

    /** The same bytes to as many, one TLS record each: what no server gets below. */
    private void echo() throws Exception {
        try (var client = new TlsEcho.Client(server.tls(), server.echoPort(), 0, EVENT)) {
            for (int i = 0; i < 4 * watchers; i++) {
                client.call();
            }
            var before = server.cost();
            long start = System.nanoTime();
            client.stream(10 * watchers);
            var took = Duration.ofNanos(System.nanoTime() - start);
            var cost = server.cost().since(before);
            System.out.printf(
                    "beside TLS records of %,d bytes: %.2f µs of CPU each, %,.0f/s%n",
                    EVENT, cost.cpu().toNanos() / 1e3 / (10 * watchers), 10 * watchers / (took.toNanos() / 1e9));
        }
    }
}
