package dev.sampan.benchmarks;

import dev.sampan.benchmarks.ApiRequests.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/**
 * Requests a second to an API server over HTTP/2 with TLS, each client with a connection of its own, and what a request costs the
 * server, whose process is not the clients'. Beside it the same bytes echoed over TLS by the same process, which no server gets below,
 * and for writes the store alone.
 */
public final class ApiThroughput {

    private static final int[] CLIENTS = {1, 64};
    private static final int MANY = 1_000;
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final int STORED = 1_500;

    /** What a client asks for, the how-manieth time. */
    private interface Scenario {
        Request request(int client, long count);
    }

    private record Row(String name, boolean writes, Scenario scenario) {}

    private static final List<Row> ROWS = List.of(
            new Row("GET a pod", false, (client, count) -> ApiRequests.get(pod(client))),
            new Row("LIST 1,000 pods", false, (client, count) -> ApiRequests.list(ApiRequests.MANY)),
            new Row(
                    "CREATE a pod",
                    true,
                    (client, count) ->
                            ApiRequests.create(ApiRequests.NAMESPACE, "new-" + client + "-" + System.nanoTime())),
            new Row("PATCH, merge", true, (client, count) -> ApiRequests.merge(pod(client), System.nanoTime())),
            new Row("PATCH, strategic", true, (client, count) -> ApiRequests.strategic(pod(client), System.nanoTime())),
            new Row("apply, server-side", true, (client, count) -> ApiRequests.apply(pod(client), System.nanoTime())));

    private final ApiProcess server;
    private final Path folder;
    private final Duration length;

    private ApiThroughput(ApiProcess server, Path folder, Duration length) {
        this.server = server;
        this.folder = folder;
        this.length = length;
    }

    /** Arguments: a folder on the disk to use (default: target), seconds a figure (default: 4), words that rows must contain. */
    public static void main(String[] arguments) throws Exception {
        var disk = Path.of(arguments.length > 0 ? arguments[0] : "target");
        var length = Duration.ofSeconds(arguments.length > 1 ? Long.parseLong(arguments[1]) : 4);
        var wanted = arguments.length > 2 ? arguments[2] : "";
        var options = arguments.length > 3 ? Arrays.copyOfRange(arguments, 3, arguments.length) : new String[0];
        try (var workspace = Workspace.in(disk);
                var server = ApiProcess.start(workspace.path(), options)) {
            var benchmark = new ApiThroughput(server, workspace.path(), length);
            benchmark.fill();
            System.out.printf(
                    "%-20s %7s %9s %8s %8s %10s %10s | %s%n",
                    "", "clients", "per s", "p50 ms", "p99 ms", "CPU µs", "KB alloc", "beside");
            for (var row : ROWS) {
                if (row.name.contains(wanted)) {
                    for (int clients : CLIENTS) {
                        benchmark.measure(row, clients);
                    }
                }
            }
        }
    }

    private static String pod(int client) {
        return "pod-" + client;
    }

    private void fill() throws Exception {
        try (var admin = new Http2(server.tls(), server.port())) {
            for (var namespace : List.of(ApiRequests.NAMESPACE, ApiRequests.MANY)) {
                ApiRequests.namespace(namespace).request().send(admin);
                ApiRequests.serviceAccount(namespace).request().send(admin);
            }
            for (int i = 0; i < Arrays.stream(CLIENTS).max().orElseThrow(); i++) {
                ApiRequests.create(ApiRequests.NAMESPACE, pod(i)).send(admin);
            }
            for (int i = 0; i < MANY; i++) {
                ApiRequests.create(ApiRequests.MANY, pod(i)).send(admin);
            }
        }
    }

    private record Measured(Latencies latencies, ApiProcess.Cost cost) {

        double cpuMicros() {
            return cost.cpu().toNanos() / 1e3 / latencies.nanos().length;
        }

        double kilobytes() {
            return cost.allocated() / 1024.0 / latencies.nanos().length;
        }
    }

    private void measure(Row row, int clients) throws Exception {
        var sizes = new int[2];
        var measured = repeated(clients, client -> {
            var connection = new Http2(server.tls(), server.port());
            return new Caller(
                    number -> {
                        var request = row.scenario.request(client, number);
                        sizes[0] = request.size();
                        sizes[1] = request.send(connection);
                    },
                    connection);
        });
        var echo = repeated(clients, client -> {
            var connection = new TlsEcho.Client(server.tls(), server.echoPort(), sizes[0], sizes[1]);
            return new Caller(number -> connection.call(), connection);
        });
        var beside = "echo %,.0f/s, %.0f µs".formatted(echo.latencies.perSecond(), echo.cpuMicros());
        if (row.writes) {
            try (var store = KeyValue.Sqlite.in(folder.resolve("store"))) {
                StoreWrites.run(store, clients, STORED, WARM_UP);
                beside += "; store " + StoreWrites.run(store, clients, STORED, length);
            }
        }
        System.out.printf(
                "%-20s %7d %,9.0f %8.2f %8.2f %10.0f %10.0f | %s%n",
                row.name,
                clients,
                measured.latencies.perSecond(),
                measured.latencies.millis(0.5),
                measured.latencies.millis(0.99),
                measured.cpuMicros(),
                measured.kilobytes(),
                beside);
    }

    /** One client's connection and what it does on it. */
    private record Caller(Call call, AutoCloseable connection) {}

    private interface Call {
        void run(long number) throws Exception;
    }

    private interface Connect {
        Caller connect(int client) throws Exception;
    }

    private Measured repeated(int clients, Connect connect) throws Exception {
        var callers = new ArrayList<Caller>();
        try {
            for (int client = 0; client < clients; client++) {
                callers.add(connect.connect(client));
            }
            run(callers, WARM_UP);
            var before = server.cost();
            var latencies = run(callers, length);
            return new Measured(latencies, server.cost().since(before));
        } finally {
            for (var caller : callers) {
                caller.connection.close();
            }
        }
    }

    private static Latencies run(List<Caller> callers, Duration length) throws Exception {
        long start = System.nanoTime();
        long end = start + length.toNanos();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Callable<long[]>>();
            for (var caller : callers) {
                tasks.add(() -> calls(caller, end));
            }
            List<long[]> parts = new ArrayList<>();
            for (var result : threads.invokeAll(tasks)) {
                parts.add(result.get());
            }
            return Latencies.of(parts, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private static long[] calls(Caller caller, long end) throws Exception {
        var latencies = new long[1024];
        int count = 0;
        for (long before = System.nanoTime(); before < end; ) {
            caller.call.run(count);
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
