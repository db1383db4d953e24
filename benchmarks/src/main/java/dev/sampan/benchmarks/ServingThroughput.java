package dev.sampan.benchmarks;

import dev.sampan.serving.batching.BatchOptions;
import dev.sampan.serving.batching.BatchingEngine;
import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.OnnxEngine;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Items a second, latency, processor time and memory of the same model by itself, through the batcher, over gRPC and over
 * REST, with 1, 8 and 64 clients in another process. Limits are the model by itself, in batches on as many threads as there
 * are processors, and gRPC by itself, with the same messages and no model; over the wire the clients take their share of the
 * same processors.
 *
 * <p>Arguments: seconds of each measurement (3), rows of a request (1,32), parts (alone,echo,grpc,rest), models (mlp,cnn).
 */
final class ServingThroughput {
    private static final int[] CLIENTS = {1, 8, 64};
    private static final int WARM_UPS = 4;
    /** Nanoseconds at the start of a run that do not count. */
    private static final long LEAD_IN = 500_000_000;

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final long nanos;
    private final int[] rows;
    private final Path folder;
    /** The engine alone at its best, by model. */
    private final Map<String, Limit> limits = new HashMap<>();

    private record Limit(double itemsPerSecond, double microsPerItem) {}

    private ServingThroughput(double seconds, int[] rows, Path folder) {
        this.nanos = (long) (seconds * 1e9);
        this.rows = rows;
        this.folder = folder;
    }

    static void main(String[] arguments) throws Exception {
        double seconds = Double.parseDouble(argument(arguments, 0, "3"));
        int[] rows = Arrays.stream(argument(arguments, 1, "1,32").split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
        var parts = List.of(argument(arguments, 2, "alone,echo,grpc,rest").split(",", -1));
        var models = List.of(argument(arguments, 3, "mlp,cnn").split(",", -1));
        try (var workspace = Workspace.in(Path.of("target"))) {
            var bench = new ServingThroughput(seconds, rows, workspace.path());
            ServingModels.perceptron(workspace.path().resolve("mlp"));
            ServingModels.convolutions(workspace.path().resolve("cnn"));
            for (var model : models) {
                if (parts.contains("alone")) {
                    bench.alone(model);
                }
            }
            if (parts.contains("echo")) {
                bench.echo();
            }
            if (parts.contains("grpc") || parts.contains("rest")) {
                bench.overTheWire(parts, models);
            }
        }
    }

    private static String argument(String[] arguments, int i, String otherwise) {
        return i < arguments.length ? arguments[i] : otherwise;
    }

    /** What a run measured, and the processor time of the process under test. */
    private record Run(Latencies latencies, Duration cpu) {
        double perSecond() {
            return latencies.perSecond();
        }

        double microsPerItem(int rows) {
            return cpu.toNanos() / 1e3 / ((double) latencies.nanos().length * rows);
        }
    }

    private Run measure(int clients, Callable<? extends ServingClients.Client> connect, double perSecond)
            throws Exception {
        return measure(ServingThroughput::ownCpu, clients, connect, perSecond);
    }

    private static Duration ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    /**
     * Calls of one kind by several clients until the time is over. The first moments do not count: connections and the
     * clients' own code are new.
     */
    private Run measure(
            Callable<Duration> cpu, int clients, Callable<? extends ServingClients.Client> connect, double perSecond)
            throws Exception {
        var parts = new ArrayList<Future<long[]>>();
        var connected = new CountDownLatch(clients);
        try (var threads = Executors.newFixedThreadPool(clients)) {
            for (int i = 0; i < clients; i++) {
                int number = i;
                parts.add(threads.submit(() -> {
                    try (var client = connect.call()) {
                        client.call();
                        connected.countDown();
                        connected.await();
                        long start = System.nanoTime();
                        return perSecond > 0
                                ? paced(client, start, number * 1e9 / perSecond, clients * 1e9 / perSecond)
                                : flatOut(client, start);
                    } finally {
                        connected.countDown();
                    }
                }));
            }
            connected.await();
            Thread.sleep(Duration.ofNanos(LEAD_IN));
            var before = cpu.call();
            var all = new ArrayList<long[]>();
            for (var part : parts) {
                all.add(part.get());
            }
            return new Run(
                    Latencies.of(all, Duration.ofNanos(nanos)), cpu.call().minus(before));
        }
    }

    private long[] flatOut(ServingClients.Client client, long start) throws IOException {
        var taken = new Samples();
        for (long now = System.nanoTime(); now - start < LEAD_IN + nanos; ) {
            client.call();
            long then = System.nanoTime();
            if (now - start >= LEAD_IN) {
                taken.add(then - now);
            }
            now = then;
        }
        return taken.all();
    }

    /** Latency counts from when a call was due, so that a server that falls behind cannot hide it. */
    private long[] paced(ServingClients.Client client, long start, double offset, double interval) throws IOException {
        var taken = new Samples();
        for (int i = 0; ; i++) {
            long due = start + (long) (offset + i * interval);
            if (due - start >= LEAD_IN + nanos) {
                return taken.all();
            }
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            client.call();
            if (due - start >= LEAD_IN) {
                taken.add(System.nanoTime() - due);
            }
        }
    }

    /** A growing list of longs. */
    private static final class Samples {
        private long[] values = new long[1024];
        private int count;

        void add(long value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count * 2);
            }
            values[count++] = value;
        }

        long[] all() {
            return Arrays.copyOf(values, count);
        }
    }

    private void alone(String model) throws Exception {
        var pool = new BufferPool(64 << 20);
        var engine = new OnnxEngine(1, 1);
        var best = new Limit(0, 0);
        for (int batch : new int[] {1, 8, 32, 64, 256}) {
            var run = inProcess(engine, pool, model, batch, PROCESSORS);
            if (run.perSecond() * batch > best.itemsPerSecond) {
                best = new Limit(run.perSecond() * batch, run.microsPerItem(batch));
            }
            print(model, "engine alone", PROCESSORS, batch, run, "");
        }
        limits.put(model, best);
        var threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
        var batcher =
                new BatchingEngine(engine, BatchOptions.adaptive(), false, pool, threads, threads, System::nanoTime);
        for (int size : rows) {
            for (int clients : CLIENTS) {
                var run = inProcess(batcher, pool, model, size, clients);
                print(model, "batcher in process", clients, size, run, "");
            }
        }
    }

    private Run inProcess(Engine engine, BufferPool pool, String model, int size, int threads) throws Exception {
        try (var loaded = engine.load(folder.resolve(model).resolve("1"))) {
            var unused = measure(threads, () -> caller(loaded, pool, size), 0);
            return measure(threads, () -> caller(loaded, pool, size), 0);
        }
    }

    private static ServingClients.Client caller(LoadedModel model, BufferPool pool, int size) {
        var own = pool.scope();
        var data = own.take((long) size * ServingModels.PIXELS * Float.BYTES);
        for (int at = 0; at < data.limit(); at += Float.BYTES) {
            data.putFloat(at, at % 256 / 256f);
        }
        var inputs = Map.<String, Tensor>of(
                "inputs", new Tensor.Numeric(DType.FLOAT, new long[] {size, ServingModels.PIXELS}, data));
        var signature = Objects.requireNonNull(model.signatures().get(Signature.DEFAULT));
        var outputs = List.of(signature.outputs().getFirst().name());
        return new ServingClients.Client() {
            @Override
            public void call() throws IOException {
                try (var scope = pool.scope()) {
                    if (model.run(signature, inputs, outputs, scope).size() != 1) {
                        throw new IOException("a wrong answer");
                    }
                }
            }

            @Override
            public void close() {
                own.close();
            }
        };
    }

    /** gRPC without any model. */
    private void echo() throws Exception {
        for (int size : rows) {
            int port = freePort();
            try (var server = ServerProcess.start(
                    EchoServer.class, List.of(Integer.toString(port), Integer.toString(100 + 40 * size)))) {
                wire(server, "none", "gRPC alone", size, () -> ServingClients.echo(port, size));
            }
        }
    }

    private void overTheWire(List<String> parts, List<String> models) throws Exception {
        int grpc = freePort();
        int rest = freePort();
        var config = Files.writeString(
                folder.resolve("models.config"),
                "model_config_list { config { name: 'mlp' base_path: '%s' } config { name: 'cnn' base_path: '%s' } }"
                        .formatted(
                                folder.resolve("mlp").toAbsolutePath(),
                                folder.resolve("cnn").toAbsolutePath()));
        try (var server = ServerProcess.start(List.of(
                "--port=" + grpc,
                "--rest_api_port=" + rest,
                "--bind_address=127.0.0.1",
                "--drain_seconds=0",
                "--model_config_file=" + config.toAbsolutePath()))) {
            System.out.printf(
                    "server ready after %d ms, %,d MB resident%n",
                    server.ready().toMillis(), server.residentBytes() >> 20);
            for (var model : models) {
                for (int size : rows) {
                    if (parts.contains("grpc")) {
                        wire(server, model, "gRPC", size, () -> ServingClients.grpc(grpc, model, size));
                    }
                    if (parts.contains("rest")) {
                        wire(server, model, "REST JSON", size, () -> ServingClients.rest(rest, model, size));
                    }
                }
            }
            System.out.printf("server: %,d MB resident at the end%n", server.residentBytes() >> 20);
        }
    }

    private void wire(ServerProcess server, String model, String how, int size, Callable<ServingClients.Client> connect)
            throws Exception {
        // The server's code is compiled as it runs: without this, the first figures would be the compiler's.
        for (int i = 0; i < WARM_UPS; i++) {
            var unused = measure(CLIENTS[1], connect, 0);
        }
        double fastest = 0;
        for (int clients : CLIENTS) {
            var run = measure(server::cpu, clients, connect, 0);
            fastest = run.perSecond();
            print(model, how, clients, size, run, resident(server));
        }
        var half = measure(server::cpu, CLIENTS[2], connect, fastest / 2);
        print(model, how + " at half load", CLIENTS[2], size, half, resident(server));
    }

    private static String resident(ServerProcess server) throws IOException {
        return ", %d MB resident".formatted(server.residentBytes() >> 20);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void print(String model, String how, int clients, int size, Run run, String more) {
        double items = run.perSecond() * size;
        var limit = limits.get(model);
        System.out.printf(
                "%s, %s, %d clients, %d rows a request: %,.0f items/s (p50 %.2f ms, p99 %.2f ms), %.2f µs of processor an"
                        + " item%s%s%n",
                model,
                how,
                clients,
                size,
                items,
                run.latencies.millis(0.5),
                run.latencies.millis(0.99),
                run.microsPerItem(size),
                more,
                limit == null
                        ? ""
                        : "; %.0f %% of the engine's items/s, whose processor time is %.0f %% of this"
                                .formatted(
                                        100 * items / limit.itemsPerSecond,
                                        100 * limit.microsPerItem / run.microsPerItem(size)));
    }
}
