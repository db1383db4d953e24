package dev.sampan.serving;

import dev.sampan.serving.accesslog.AccessLog;
import dev.sampan.serving.accesslog.GrpcAccessLog;
import dev.sampan.serving.batching.BatchingEngine;
import dev.sampan.serving.config.ModelAdmin;
import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.config.ModelConfigFile;
import dev.sampan.serving.config.Mounts;
import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.formats.FormatEngine;
import dev.sampan.serving.grpc.ModelCalls;
import dev.sampan.serving.grpc.PredictionCalls;
import dev.sampan.serving.grpc.Wishes;
import dev.sampan.serving.http.HttpApi;
import dev.sampan.serving.http.HttpHandler;
import dev.sampan.serving.http.HttpServer;
import dev.sampan.serving.inference.AsyncPredictor;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.requestlog.RequestLogs;
import dev.sampan.serving.rest.RestApi;
import dev.sampan.serving.security.TokenInterceptor;
import dev.sampan.serving.security.Tokens;
import dev.sampan.serving.servable.FileSystemSource;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.servable.WarmUp;
import dev.sampan.serving.source.RemoteModels;
import dev.sampan.serving.statuspage.StatusPage;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.v2.GrpcV2;
import dev.sampan.serving.v2.RestV2;
import dev.sampan.serving.v2.proto.GRPCInferenceServiceGrpc;
import dev.sampan.serving.warmup.RecordedWarmUp;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * A model server: watches base paths, keeps the right versions loaded and answers over HTTP. It opens its ports once the
 * models that are there at the start have been loaded (or have failed to).
 */
public final class ModelServer implements AutoCloseable, ModelAdmin {
    private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);
    private static final long IDLE_BUFFER_BYTES = 64L << 20;
    private static final int MAX_WAITING_FOR_MODELS = 1000;
    private static final Duration FIRST_LOADS = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final ServerOptions options;
    private final InstantSource clock;
    private final @Nullable Tokens tokens;
    private final @Nullable AccessLog accessLog;
    private final RequestLogs requestLogs;
    private final ServableManager manager;
    private final FileSystemSource source;
    private final RemoteModels remotes;
    private final ExecutorService loader;
    private final ExecutorService unloader;
    private final ScheduledExecutorService poller;
    private final BufferPool buffers = new BufferPool(IDLE_BUFFER_BYTES);
    private final ServingMetrics metrics;
    private final ExecutorService runs;
    private final NetworkThreads network = new NetworkThreads();
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    /** Guards the source, which the poller and reload requests use. */
    private final ReentrantLock sourceLock = new ReentrantLock();

    private final Map<String, ModelConfig> wantedLabels = new HashMap<>();
    private volatile boolean draining;
    private @Nullable HttpServer http;
    private @Nullable GrpcServer grpc;

    public ModelServer(ServerOptions options) {
        this(options, new FormatEngine(options.loading().engines()), InstantSource.system());
    }

    ModelServer(ServerOptions options, Engine engine, InstantSource clock) {
        this.options = options;
        this.clock = clock;
        this.metrics = new ServingMetrics(clock);
        this.runs = Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("inference-", 0).factory());
        this.loader = Executors.newFixedThreadPool(
                options.loading().loadThreads(),
                Thread.ofPlatform().daemon().name("model-loader-", 0).factory());
        this.unloader = Executors.newFixedThreadPool(
                options.loading().unloadThreads(),
                Thread.ofPlatform().daemon().name("model-unloader-", 0).factory());
        this.poller = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("model-poller").factory());
        var batching = options.batching();
        var batched = batching == null
                ? engine
                : new BatchingEngine(
                        engine,
                        batching,
                        options.loading().batchingPerModel(),
                        buffers,
                        runs,
                        network.afterReading(runs),
                        System::nanoTime);
        var security = options.security();
        this.tokens = security.tokenFile() == null ? null : new Tokens(security.tokenFile());
        var log = options.observation().accessLog();
        this.accessLog = log == null ? null : new AccessLog(log, clock);
        this.requestLogs = new RequestLogs(
                metrics, clock, () -> ThreadLocalRandom.current().nextDouble());
        int iterations = options.loading().warmUpIterations();
        var warmUp = iterations == 0 ? WarmUp.NONE : new RecordedWarmUp(buffers, metrics, iterations);
        this.manager = new ServableManager(
                batched, options.loading().manager(), loader, unloader, clock, warmUp, metrics.loads());
        this.remotes = new RemoteModels(options.environment(), options.loading().sourcePollInterval(), clock);
        this.source = new FileSystemSource(manager, remotes::problems);
    }

    /**
     * Loads what is there and opens the ports.
     *
     * @throws ServingException if the configuration file is missing or wrong
     * @throws IOException if a port cannot be opened
     */
    public ModelServer start() throws IOException {
        try {
            reload(models());
            every(options.loading().pollInterval(), this::poll);
            every(options.loading().configPollInterval(), this::reloadConfigFile);
            if (tokens != null) {
                every(options.loading().pollInterval(), tokens::reload);
            }
            var tls = options.security().tls();
            if (tls != null) {
                every(options.loading().pollInterval(), tls::reload);
            }
            open();
            return this;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open() throws IOException {
        var predictor = new Predictor(metrics, requestLogs);
        var ports = options.network();
        if (ports.grpcPort() != ServerOptions.OFF) {
            var async = new AsyncPredictor(manager, predictor, calls, MAX_WAITING_FOR_MODELS);
            grpc = GrpcServer.start(
                    new InetSocketAddress(bindAddress(), ports.grpcPort()),
                    network,
                    options.http().maxRequestBytes(),
                    options.security().tls(),
                    interceptors(),
                    List.of(
                            new PredictionCalls(manager, async, predictor, buffers, metrics, options.tensorContent())
                                    .service(),
                            new ModelCalls(manager, this).bindService(),
                            new GrpcV2(
                                            manager,
                                            async,
                                            predictor,
                                            buffers,
                                            metrics,
                                            this,
                                            maxBatchRows(),
                                            () -> !draining)
                                    .service()),
                    methodsWithoutThread(),
                    calls);
        }
        if (ports.restPort() != ServerOptions.OFF) {
            http = HttpServer.start(
                    new InetSocketAddress(bindAddress(), ports.restPort()),
                    options.http().maxConcurrent(),
                    options.http().timeout(),
                    options.security().httpTls() ? options.security().tls() : null,
                    new HttpHandler(
                            apis(predictor),
                            options.http().maxRequestBytes(),
                            options.http().cors(),
                            () -> draining,
                            tokens,
                            accessLog));
        }
    }

    /** With batching, models run in threads of their own; without, in the thread of the call. */
    private Set<String> methodsWithoutThread() {
        return options.batching() == null
                ? Set.of()
                : Set.of(
                        PredictionServiceGrpc.getPredictMethod().getFullMethodName(),
                        GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName());
    }

    private List<HttpApi> apis(Predictor predictor) {
        var timeout = options.http().timeout();
        return List.of(
                new RestApi(
                        manager,
                        predictor,
                        buffers,
                        metrics,
                        timeout,
                        options.observation().metricsPath()),
                new RestV2(manager, predictor, buffers, metrics, this, maxBatchRows(), () -> !draining, timeout),
                new StatusPage(manager, metrics, clock));
    }

    private int maxBatchRows() {
        var batching = options.batching();
        return batching == null ? 0 : batching.maxRows();
    }

    private List<ServerInterceptor> interceptors() {
        var interceptors = new ArrayList<ServerInterceptor>();
        if (accessLog != null) {
            interceptors.add(new GrpcAccessLog(accessLog));
        }
        if (tokens != null) {
            interceptors.add(new TokenInterceptor(tokens));
        }
        interceptors.add(new Wishes());
        return interceptors;
    }

    private List<ModelConfig> models() {
        return options.configFile() == null ? options.models() : ModelConfigFile.read(options.configFile(), mounts());
    }

    @Override
    public Mounts mounts() {
        return new Mounts(options.environment());
    }

    /** Returns when the models that are new have been fetched and loaded, or failed to; other changes do not wait for that. */
    @Override
    public void reload(List<ModelConfig> models) {
        long deadline = System.nanoTime() + FIRST_LOADS.toNanos();
        var coming = configure(models);
        poll();
        if (!coming.fetched.isDone()) {
            awaitFetched(coming.fetched, deadline);
            poll();
        }
        awaitLoaded(coming.models, deadline);
        assignLabels();
    }

    private static void awaitFetched(CompletableFuture<Void> fetched, long deadline) {
        try {
            fetched.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("models are still being fetched: {}", e.toString());
        }
    }

    @Override
    public void load(String model) {
        switchTo(model, true);
        awaitLoaded(Set.of(model), System.nanoTime() + FIRST_LOADS.toNanos());
        assignLabels();
        if (!manager.availableModels().contains(model)) {
            var reasons = manager.versions(model).stream()
                    .map(version -> "version " + version.version() + ": " + version.message())
                    .toList();
            throw new ServingException(
                    Code.INVALID_ARGUMENT,
                    "failed to load '" + model + "': "
                            + (reasons.isEmpty() ? "no version" : String.join("; ", reasons)));
        }
    }

    @Override
    public void unload(String model) {
        switchTo(model, false);
    }

    private void switchTo(String model, boolean wanted) {
        sourceLock.lock();
        try {
            source.switchTo(model, wanted);
            source.poll();
        } finally {
            sourceLock.unlock();
        }
    }

    private String bindAddress() {
        var address = options.network().address();
        return address != null ? address : options.environment().getOrDefault("POD_IP", "0.0.0.0");
    }

    /**
     * What is new in a configuration.
     *
     * @param models names of those that are new or configured otherwise than before
     * @param fetched is done when those of them that lie elsewhere have been looked at once
     */
    private record Coming(Set<String> models, CompletableFuture<Void> fetched) {}

    /** From now on these models are served. */
    private Coming configure(List<ModelConfig> models) {
        sourceLock.lock();
        try {
            var fetched = remotes.configure(models);
            var names = source.configure(models);
            requestLogs.configure(models);
            wantedLabels.clear();
            models.forEach(model -> wantedLabels.put(model.name(), model));
            return new Coming(names, fetched);
        } finally {
            sourceLock.unlock();
        }
    }

    private void poll() {
        sourceLock.lock();
        try {
            source.poll();
            assignLabels();
        } catch (RuntimeException e) {
            LOG.error("polling the base paths failed", e);
        } finally {
            sourceLock.unlock();
        }
    }

    /** Labels can be set once the versions that they name are available. */
    private void assignLabels() {
        sourceLock.lock();
        try {
            wantedLabels.values().removeIf(model -> {
                try {
                    manager.label(model.name(), model.labels());
                    return true;
                } catch (ServingException e) {
                    return false;
                }
            });
        } finally {
            sourceLock.unlock();
        }
    }

    private void reloadConfigFile() {
        try {
            configure(models());
            poll();
        } catch (RuntimeException e) {
            LOG.error("the configuration file is left as it was: {}", e.getMessage());
        }
    }

    private void every(Duration interval, Runnable task) {
        if (interval.isPositive()) {
            var unused = poller.scheduleWithFixedDelay(
                    task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void awaitLoaded(Set<String> models, long deadline) {
        while (!manager.settled(models) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Address of the REST API. */
    public URI restUri() {
        var server = http;
        if (server == null) {
            throw new IllegalStateException("the REST API is not open");
        }
        return server.uri();
    }

    /** Host and port of gRPC. */
    public String grpcTarget() {
        var server = grpc;
        if (server == null) {
            throw new IllegalStateException("gRPC is not open");
        }
        return server.target();
    }

    /** Serves on for the drain time while asking clients to go, finishes what is under way, closes ports and models. */
    @Override
    public void close() {
        var rpc = grpc;
        if ((http != null || rpc != null) && !draining && options.drain().isPositive()) {
            draining = true;
            if (rpc != null) {
                rpc.drain();
            }
            LOG.info("stopping: serving on for {} ms", options.drain().toMillis());
            LockSupport.parkNanos(options.drain().toNanos());
        }
        draining = true;
        if (http != null) {
            http.stop(STOP);
        }
        if (rpc != null) {
            rpc.stop(STOP);
        }
        network.close();
        poller.shutdownNow();
        remotes.close();
        manager.close();
        loader.shutdown();
        unloader.shutdown();
        runs.shutdown();
        calls.shutdown();
        requestLogs.close();
        if (accessLog != null) {
            accessLog.close();
        }
        try {
            if (!loader.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)
                    || !unloader.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a model is still being loaded or unloaded");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Runs the program until it is told to stop (SIGTERM, SIGINT).
     *
     * @param arguments flags of tensorflow_model_server
     * @return exit code: 0, 1 if it cannot start, 2 for wrong flags
     */
    public static int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
        if (ServerFlags.asksForVersion(arguments)) {
            out.println("Sampan model server, speaks TensorFlow Serving's REST and gRPC APIs");
            return 0;
        }
        long start = System.nanoTime();
        ServerOptions options;
        try {
            options = ServerFlags.parse(arguments, environment, warning -> out.println("warning: " + warning));
        } catch (IllegalArgumentException e) {
            out.println("error: " + e.getMessage());
            return 2;
        }
        ModelServer server;
        try {
            server = new ModelServer(options);
            server.start();
        } catch (IOException | ServingException | IllegalArgumentException e) {
            out.println("error: " + e.getMessage());
            return 1;
        }
        var told = new CountDownLatch(1);
        // Signals, not shutdown hooks: those all run at once, and ONNX Runtime's takes its library away from running
        // models.
        for (var signal : List.of("TERM", "INT")) {
            Signal.handle(new Signal(signal), received -> told.countDown());
        }
        server.announce(out, start);
        try {
            told.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        return 0;
    }

    private void announce(PrintStream out, long start) {
        if (options.network().restPort() != ServerOptions.OFF) {
            out.println("REST API at " + restUri());
        }
        if (options.network().grpcPort() != ServerOptions.OFF) {
            out.println("gRPC at " + grpcTarget());
        }
        var available = new TreeSet<>(manager.availableModels());
        var missing = new TreeSet<>(manager.models());
        missing.removeAll(available);
        out.println("serving " + available + (missing.isEmpty() ? "" : ", not serving " + missing) + ", ready in "
                + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
}
