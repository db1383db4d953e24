package dev.sampan.serving.servable;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the versions that are loaded to the versions that are aspired to. {@link #aspire} and {@link #tick} decide under the
 * lock (a pure policy) and hand loads and unloads to the executor; results come back under the lock. Requests read
 * {@code serving}, an immutable map that is replaced at every change, and take no lock.
 *
 * <p>Where memory is limited, available versions that were used longest ago are paged out for others that need it: they stay
 * available, and the first request for one waits until it is back.
 */
public final class ServableManager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServableManager.class);
    /** Versions that came to an end stay in the status, for this many at most. */
    private static final int MAX_ENDED = 20;
    /** How long a request waits for a version that was paged out. */
    private static final Duration PAGE_IN = Duration.ofSeconds(30);

    private final Engine engine;
    private final ManagerOptions options;
    private final Executor loader;
    private final Executor unloader;
    private final InstantSource clock;
    private final WarmUp warmUp;
    private final ManagerEvents events;
    private final MemoryBudget memory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, TreeMap<Long, Version>> models = new HashMap<>();
    private final Map<String, Map<String, Long>> labels = new HashMap<>();
    private volatile Map<String, NavigableMap<Long, Servable>> serving = Map.of();
    private volatile Map<String, String> unreachable = Map.of();
    private boolean closed;

    /**
     * @param loader where models are loaded
     * @param unloader where they are unloaded
     * @param warmUp is given each model before it becomes available
     */
    public ServableManager(
            Engine engine,
            ManagerOptions options,
            Executor loader,
            Executor unloader,
            InstantSource clock,
            WarmUp warmUp,
            ManagerEvents events) {
        this.engine = engine;
        this.options = options;
        this.loader = loader;
        this.unloader = unloader;
        this.clock = clock;
        this.warmUp = warmUp;
        this.events = events;
        this.memory = new MemoryBudget(options.memoryLimitBytes());
    }

    /** From now on these versions of the model should be served, and no others. */
    public void aspire(String model, Collection<AspiredVersion> aspired) {
        lock.lock();
        try {
            if (closed && !aspired.isEmpty()) {
                return;
            }
            var versions = models.computeIfAbsent(model, name -> new TreeMap<>());
            versions.values().forEach(version -> version.aspired = false);
            for (var source : aspired) {
                var version = versions.computeIfAbsent(source.version(), number -> new Version(source));
                version.aspired = true;
                boolean changed = !version.source.equals(source);
                boolean retrying = version.state == VersionState.START && version.failures > 0;
                boolean cameBack = version.state == VersionState.END && !version.failed();
                if (cameBack || (changed && (version.failed() || retrying))) {
                    version.restart(source);
                } else if (version.state == VersionState.AVAILABLE) {
                    renew(model, version, source);
                }
            }
            for (var version : versions.values()) {
                if (!version.aspired) {
                    abandonSuccessor(model, version);
                    events.forgotten(model, version.number());
                }
            }
            advance(model, versions);
        } finally {
            lock.unlock();
        }
    }

    /** Brings an available version to the content that it should have. */
    private void renew(String model, Version version, AspiredVersion source) {
        var successor = version.successor;
        if (successor != null && !successor.source.equals(source)) {
            abandonSuccessor(model, version);
            successor = null;
        }
        if (version.source.path().equals(source.path())) {
            return;
        }
        if (version.pagedOut) {
            if (version.comingBack == null) {
                version.source = source;
            }
        } else if (options.policy() == TransitionPolicy.RESOURCE_PRESERVING) {
            version.source = source;
            startUnload(model, version);
        } else {
            if (successor == null) {
                successor = new Version(source);
                version.successor = successor;
            }
            if (successor.stateAt(clock.instant()) == VersionState.START) {
                startLoad(model, successor);
            }
        }
    }

    private void abandonSuccessor(String model, Version version) {
        var successor = version.successor;
        version.successor = null;
        if (successor != null) {
            events.forgotten(model, version.number());
            successor.aspired = false;
            // If it is being loaded, it will find out.
            successor.state = VersionState.UNLOADING;
        }
    }

    /** Why models cannot be fetched from where they lie, by their names: clients who ask for one are told. */
    public void unreachable(Map<String, String> reasons) {
        if (!reasons.equals(unreachable)) {
            unreachable = Map.copyOf(reasons);
            events.unreachable(reasons);
        }
    }

    private ServingException notFound(String model, String message) {
        var reason = unreachable.get(model);
        return ServingException.notFound(reason == null ? message : message + "; it cannot be fetched: " + reason);
    }

    /** Forgets a model: its versions are unloaded. */
    public void remove(String model) {
        aspire(model, List.of());
        lock.lock();
        try {
            labels.remove(model);
        } finally {
            lock.unlock();
        }
    }

    /** Does what has become due: tries failed loads again. */
    public void tick() {
        lock.lock();
        try {
            models.forEach(this::advance);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets the labels of a model.
     *
     * @throws ServingException FAILED_PRECONDITION if a label names a version that is not available
     */
    public void label(String model, Map<String, Long> newLabels) {
        lock.lock();
        try {
            var available = serving.getOrDefault(model, new TreeMap<>());
            var old = labels.getOrDefault(model, Map.of());
            newLabels.forEach((label, version) -> {
                boolean mayWait = options.labelsForUnavailableVersions() && !old.containsKey(label);
                if (!available.containsKey(version) && !mayWait) {
                    throw new ServingException(
                            Code.FAILED_PRECONDITION,
                            "Label " + label + " cannot be assigned to model " + model + " version " + version
                                    + ", which is not available");
                }
            });
            labels.put(model, Map.copyOf(newLabels));
        } finally {
            lock.unlock();
        }
    }

    /**
     * The version that a request means, held until the handle is closed. A version that is paged out is loaded first: the
     * caller waits.
     *
     * @throws ServingException NOT_FOUND if it is not available, UNAVAILABLE if it does not come back into memory in time
     */
    public ServableHandle acquire(ModelSpec spec) {
        while (true) {
            var handle = acquireNow(spec);
            if (handle != null) {
                return handle;
            }
            var servable = find(resolve(spec));
            if (servable != null && servable.isPagedOut()) {
                awaitPageIn(servable);
            }
        }
    }

    /** The same without waiting: null if the version is paged out. */
    public @Nullable ServableHandle acquireNow(ModelSpec spec) {
        var resolved = resolve(spec);
        while (true) {
            var servable = find(resolved);
            if (servable == null) {
                throw notFound(spec.name(), "Servable not found for request: " + resolved.describe());
            }
            if (servable.isPagedOut()) {
                return null;
            }
            if (servable.tryAcquire()) {
                if (options.memoryLimitBytes() > 0) {
                    servable.usedAt(clock.millis());
                }
                return new ServableHandle(servable);
            }
            // It was retired after the map was read: the map has been replaced before that.
            Thread.onSpinWait();
        }
    }

    /**
     * Number of the version that a request means; it need not be in memory.
     *
     * @throws ServingException NOT_FOUND if it is not available
     */
    public long available(ModelSpec spec) {
        var resolved = resolve(spec);
        var servable = find(resolved);
        if (servable == null) {
            throw notFound(spec.name(), "Servable not found for request: " + resolved.describe());
        }
        return servable.version;
    }

    private @Nullable Servable find(ModelSpec spec) {
        var versions = serving.get(spec.name());
        if (versions == null) {
            return null;
        }
        return spec.version() == null ? versions.lastEntry().getValue() : versions.get(spec.version());
    }

    private void awaitPageIn(Servable wanted) {
        try {
            var failure = pageIn(wanted).get(PAGE_IN.toMillis(), TimeUnit.MILLISECONDS);
            if (!failure.isEmpty()) {
                throw new ServingException(
                        Code.UNAVAILABLE,
                        "version " + wanted.version + " of model " + wanted.model
                                + " was paged out and does not load again: " + failure);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new ServingException(
                    Code.UNAVAILABLE,
                    "version " + wanted.version + " of model " + wanted.model + " waits for memory to be loaded again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServingException(Code.CANCELLED, "the request was cancelled");
        }
    }

    /** Completes when the version is in memory again or not available any more; with the reason if it does not load. */
    private CompletableFuture<String> pageIn(Servable wanted) {
        lock.lock();
        try {
            var versions = models.get(wanted.model);
            var version = versions == null ? null : versions.get(wanted.version);
            if (version == null || !version.pagedOut) {
                return CompletableFuture.completedFuture("");
            }
            var coming = version.comingBack;
            if (coming == null) {
                coming = new CompletableFuture<>();
                version.comingBack = coming;
                startLoad(wanted.model, version);
            }
            return coming;
        } finally {
            lock.unlock();
        }
    }

    private ModelSpec resolve(ModelSpec spec) {
        if (spec.label() == null) {
            return spec;
        }
        lock.lock();
        try {
            var version = labels.getOrDefault(spec.name(), Map.of()).get(spec.label());
            if (version == null) {
                throw ServingException.invalid("Unrecognized servable version label: " + spec.label());
            }
            return ModelSpec.version(spec.name(), version);
        } finally {
            lock.unlock();
        }
    }

    /**
     * States of a model's versions, the highest first; of one version if the spec names it.
     *
     * @throws ServingException NOT_FOUND if there are none
     */
    public List<VersionStatus> status(ModelSpec spec) {
        var resolved = resolve(spec);
        lock.lock();
        try {
            var versions = models.getOrDefault(resolved.name(), new TreeMap<>());
            var statuses = versions.descendingMap().values().stream()
                    .filter(v -> resolved.version() == null || v.number() == resolved.version())
                    .map(Version::status)
                    .toList();
            if (statuses.isEmpty()) {
                throw notFound(
                        spec.name(),
                        resolved.version() == null
                                ? "Could not find any versions of model " + resolved.name()
                                : "Could not find version " + resolved.version() + " of model " + resolved.name());
            }
            return statuses;
        } finally {
            lock.unlock();
        }
    }

    /** States of all versions of a model, the highest first; none if there is no such model. */
    public List<VersionStatus> versions(String model) {
        lock.lock();
        try {
            return models.getOrDefault(model, new TreeMap<>()).descendingMap().values().stream()
                    .map(Version::status)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Names of the models that have an available version. */
    public Collection<String> availableModels() {
        return serving.keySet();
    }

    /** Whether a model of this name is or was served; takes no lock for one that is. */
    public boolean knows(String model) {
        return serving.containsKey(model) || models().contains(model);
    }

    /** Names of all models that the manager has heard of. */
    public Collection<String> models() {
        lock.lock();
        try {
            return List.copyOf(models.keySet());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether nothing of these models is about to load for the first time: each aspired version is available or has failed once.
     * One that is wanted again while it is being unloaded is about to load.
     */
    public boolean settled(Collection<String> names) {
        lock.lock();
        try {
            return names.stream()
                    .flatMap(name -> models.getOrDefault(name, new TreeMap<>()).values().stream())
                    .noneMatch(v -> v.aspired
                            && v.failures == 0
                            && v.state != VersionState.AVAILABLE
                            && v.state != VersionState.END);
        } finally {
            lock.unlock();
        }
    }

    private void advance(String model, TreeMap<Long, Version> versions) {
        var now = clock.instant();
        var candidates = versions.values().stream()
                .map(v -> new TransitionPolicy.Candidate(v.number(), v.aspired, v.stateAt(now)))
                .toList();
        for (var action : options.policy().next(candidates)) {
            var version = Objects.requireNonNull(versions.get(action.version()));
            switch (action) {
                case TransitionPolicy.Action.Load load -> startLoad(model, version);
                case TransitionPolicy.Action.Unload unload -> startUnload(model, version);
            }
        }
        forgetEnded(versions);
    }

    private static void forgetEnded(TreeMap<Long, Version> versions) {
        var ended = versions.values().stream()
                .filter(v -> !v.aspired && (v.state == VersionState.END || v.state == VersionState.START))
                .map(Version::number)
                .toList();
        ended.subList(0, Math.max(0, ended.size() - MAX_ENDED)).forEach(versions::remove);
    }

    private void startLoad(String model, Version version) {
        if (!version.pagedOut) {
            version.state = VersionState.LOADING;
        }
        version.retryAt = null;
        var source = version.source;
        loader.execute(() -> claimMemory(model, version, source));
    }

    /** Looks how large the model is, and loads it as soon as there is memory for it. */
    private void claimMemory(String model, Version version, AspiredVersion source) {
        long bytes = options.memoryLimitBytes() == 0 ? 0 : engine.estimateBytes(source.path());
        lock.lock();
        try {
            if (bytes > memory.limitBytes()) {
                loadFailed(
                        model,
                        version,
                        Code.RESOURCE_EXHAUSTED,
                        "the model takes about " + bytes + " bytes of memory, more than the limit of "
                                + memory.limitBytes() + " for all models (--total_model_memory_limit_bytes)");
                advance(model, versionsOf(model));
                return;
            }
            version.claim = memory.claim(version, bytes, () -> loader.execute(() -> load(model, version, source)));
            settleMemory();
        } finally {
            lock.unlock();
        }
    }

    private void settleMemory() {
        if (closed) {
            return;
        }
        for (var version : memory.settle()) {
            pageOut(version);
        }
    }

    private void pageOut(Version version) {
        var servable = version.servable;
        var claim = version.claim;
        if (servable == null || claim == null) {
            return;
        }
        LOG.info("paging out {} version {}", servable.model, servable.version);
        memory.leaving(claim);
        version.claim = null;
        version.servable = null;
        version.pagedOut = true;
        events.pagedOut(servable.model, servable.version);
        publish();
        servable.release();
    }

    private void load(String model, Version version, AspiredVersion source) {
        LOG.info("loading {} version {} from {}", model, source.version(), source.path());
        long start = System.nanoTime();
        LoadedModel loaded = null;
        String failure = "";
        try {
            loaded = engine.load(source.path());
            warmUp.warmUp(source.path(), loaded);
        } catch (ModelLoadException e) {
            failure = String.valueOf(e.getMessage());
            if (loaded != null) {
                loaded.close();
                loaded = null;
            }
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.warn("the engine failed on {} version {}", model, source.version(), e);
            failure = "the engine failed: " + e;
            if (loaded != null) {
                loaded.close();
                loaded = null;
            }
        }
        lock.lock();
        try {
            if (closed || version.state == VersionState.UNLOADING) {
                if (loaded != null) {
                    loaded.close();
                }
                ended(model, version);
            } else if (loaded == null) {
                loadFailed(model, version, Code.UNKNOWN, failure);
            } else {
                loadSucceeded(model, version, loaded, System.nanoTime() - start);
            }
            settleMemory();
            advance(model, versionsOf(model));
        } finally {
            lock.unlock();
        }
    }

    private void loadSucceeded(String model, Version version, LoadedModel loaded, long nanos) {
        var claim = version.claim;
        if (claim != null) {
            memory.measured(claim, loaded.memoryBytes());
        }
        var servable = new Servable(
                model, version.number(), loaded, () -> offRequest(() -> unload(model, version, loaded, claim)));
        servable.usedAt(clock.millis());
        version.servable = servable;
        version.state = VersionState.AVAILABLE;
        version.code = Code.OK;
        version.message = "";
        version.failures = 0;
        boolean again = version.pagedOut;
        version.pagedOut = false;
        var old = versionsOf(model).put(version.number(), version);
        LOG.info("{} version {} is available", model, version.number());
        publish();
        events.loaded(model, version.number(), loaded.memoryBytes(), nanos, again);
        version.arrived();
        if (old != null && old != version) {
            old.aspired = false;
            startUnload(model, old);
            // Who waited for it to be paged in finds the new content.
            old.arrived();
        }
    }

    /** In the executor, or right here once it has been shut down. */
    private void offRequest(Runnable task) {
        try {
            unloader.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private void loadFailed(String model, Version version, Code code, String failure) {
        releaseMemory(version);
        version.pagedOut = false;
        version.failures++;
        version.code = code;
        version.message = failure;
        events.loadFailed(model, version.number(), code, failure);
        if (version.aspired && version.failures <= options.maxLoadRetries()) {
            version.state = VersionState.START;
            version.retryAt = clock.instant().plus(options.loadRetryInterval());
            LOG.warn(
                    "{} version {} did not load, next try in {} s: {}",
                    model,
                    version.number(),
                    options.loadRetryInterval().toSeconds(),
                    failure);
        } else {
            version.state = VersionState.END;
            LOG.error("{} version {} did not load: {}", model, version.number(), failure);
        }
        publish();
        version.failed(failure);
    }

    private void releaseMemory(Version version) {
        var claim = version.claim;
        if (claim != null) {
            memory.release(claim);
            version.claim = null;
        }
    }

    private void startUnload(String model, Version version) {
        LOG.info("unloading {} version {}", model, version.number());
        version.state = VersionState.UNLOADING;
        var servable = version.servable;
        version.servable = null;
        boolean coming = version.comingBack != null;
        publish();
        if (servable != null) {
            var claim = version.claim;
            if (claim != null) {
                memory.leaving(claim);
            }
            servable.release();
        } else if (!coming) {
            ended(model, version);
        }
    }

    /** The last user of a model let go: of a version that is unloaded, or paged out. */
    private void unload(String model, Version version, LoadedModel loaded, MemoryBudget.@Nullable Claim claim) {
        loaded.close();
        lock.lock();
        try {
            if (claim != null) {
                memory.release(claim);
            }
            if (version.claim == claim) {
                version.claim = null;
                ended(model, version);
            }
            settleMemory();
            advance(model, versionsOf(model));
        } finally {
            lock.unlock();
        }
    }

    private void ended(String model, Version version) {
        releaseMemory(version);
        version.state = VersionState.END;
        version.pagedOut = false;
        if (versionsOf(model).get(version.number()) == version) {
            events.unloaded(model, version.number());
        }
        version.arrived();
        if (version.aspired && !closed) {
            version.restart(version.source);
        }
    }

    private TreeMap<Long, Version> versionsOf(String model) {
        return models.computeIfAbsent(model, name -> new TreeMap<>());
    }

    private void publish() {
        var map = new HashMap<String, NavigableMap<Long, Servable>>();
        models.forEach((model, versions) -> {
            var available = new TreeMap<Long, Servable>();
            versions.forEach((number, version) -> {
                @Nullable Servable servable = version.servable;
                if (servable != null) {
                    available.put(number, servable);
                } else if (version.pagedOut && version.state == VersionState.AVAILABLE) {
                    available.put(number, Servable.pagedOut(model, number));
                }
            });
            if (!available.isEmpty()) {
                map.put(model, available);
            }
        });
        serving = Map.copyOf(map);
    }

    /** Unloads everything, now and for good. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        for (var model : new ArrayList<>(models())) {
            remove(model);
        }
    }
}
