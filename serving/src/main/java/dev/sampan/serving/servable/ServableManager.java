package dev.sampan.serving.servable;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the versions that are loaded to the versions that are aspired to. {@link #aspire} and {@link #tick} decide under the
 * lock (a pure policy) and hand loads and unloads to the executor; results come back under the lock. Requests read
 * {@code serving}, an immutable map that is replaced at every change, and take no lock.
 */
public final class ServableManager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServableManager.class);
    /** Versions that came to an end stay in the status, for this many at most. */
    private static final int MAX_ENDED = 20;

    private final Engine engine;
    private final ManagerOptions options;
    private final Executor executor;
    private final InstantSource clock;
    private final WarmUp warmUp;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, TreeMap<Long, Version>> models = new HashMap<>();
    private final Map<String, Map<String, Long>> labels = new HashMap<>();
    private volatile Map<String, NavigableMap<Long, Servable>> serving = Map.of();
    private boolean closed;

    /**
     * @param executor where models are loaded and unloaded
     * @param warmUp is given each model before it becomes available
     */
    public ServableManager(
            Engine engine, ManagerOptions options, Executor executor, InstantSource clock, WarmUp warmUp) {
        this.engine = engine;
        this.options = options;
        this.executor = executor;
        this.clock = clock;
        this.warmUp = warmUp;
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
                boolean changed = !version.source.fingerprint().equals(source.fingerprint());
                boolean retrying = version.state == VersionState.START && version.failures > 0;
                boolean cameBack = version.state == VersionState.END && !version.failed();
                if (cameBack || (changed && (version.failed() || retrying))) {
                    version.restart(source);
                }
            }
            advance(model, versions);
        } finally {
            lock.unlock();
        }
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
     * The version that a request means, held until the handle is closed.
     *
     * @throws ServingException NOT_FOUND if it is not available
     */
    public ServableHandle acquire(ModelSpec spec) {
        var resolved = resolve(spec);
        while (true) {
            var versions = serving.get(resolved.name());
            var servable = versions == null
                    ? null
                    : resolved.version() == null ? versions.lastEntry().getValue() : versions.get(resolved.version());
            if (servable == null) {
                throw ServingException.notFound("Servable not found for request: " + resolved.describe());
            }
            if (servable.tryAcquire()) {
                return new ServableHandle(servable);
            }
            // It was retired after the map was read: the map has been replaced before that.
            Thread.onSpinWait();
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
                throw ServingException.notFound(
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

    /** Whether nothing is about to load for the first time: every aspired version is available or has failed once. */
    public boolean settled() {
        lock.lock();
        try {
            return models.values().stream()
                    .flatMap(versions -> versions.values().stream())
                    .noneMatch(v -> v.aspired
                            && v.failures == 0
                            && (v.state == VersionState.START || v.state == VersionState.LOADING));
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
        version.state = VersionState.LOADING;
        version.retryAt = null;
        var source = version.source;
        executor.execute(() -> load(model, version, source));
    }

    private void load(String model, Version version, AspiredVersion source) {
        LOG.info("loading {} version {} from {}", model, source.version(), source.path());
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
            if (closed && loaded != null) {
                loaded.close();
                version.state = VersionState.END;
                return;
            }
            if (loaded == null) {
                loadFailed(model, version, failure);
            } else {
                loadSucceeded(model, version, loaded);
            }
            advance(model, versionsOf(model));
        } finally {
            lock.unlock();
        }
    }

    private void loadSucceeded(String model, Version version, LoadedModel loaded) {
        version.servable =
                new Servable(model, version.number(), loaded, () -> offRequest(() -> unload(model, version, loaded)));
        version.state = VersionState.AVAILABLE;
        version.code = Code.OK;
        version.message = "";
        version.failures = 0;
        LOG.info("{} version {} is available", model, version.number());
        publish();
    }

    /** In the executor, or right here once it has been shut down. */
    private void offRequest(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private void loadFailed(String model, Version version, String failure) {
        version.failures++;
        version.code = Code.UNKNOWN;
        version.message = failure;
        if (version.aspired && version.failures <= options.maxLoadRetries()) {
            version.state = VersionState.START;
            version.retryAt = clock.instant().plus(options.loadRetryInterval());
            LOG.warn(
                    "{} version {} did not load, next try in {}: {}",
                    model,
                    version.number(),
                    options.loadRetryInterval(),
                    failure);
        } else {
            version.state = VersionState.END;
            LOG.error("{} version {} did not load: {}", model, version.number(), failure);
        }
    }

    private void startUnload(String model, Version version) {
        LOG.info("unloading {} version {}", model, version.number());
        version.state = VersionState.UNLOADING;
        var servable = version.servable;
        version.servable = null;
        publish();
        if (servable != null) {
            servable.release();
        }
    }

    private void unload(String model, Version version, LoadedModel loaded) {
        loaded.close();
        lock.lock();
        try {
            version.state = VersionState.END;
            if (version.aspired) {
                version.restart(version.source);
            }
            advance(model, versionsOf(model));
        } finally {
            lock.unlock();
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
