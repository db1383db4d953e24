package dev.sampan.serving.source;

import dev.sampan.serving.config.ModelConfig;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mirrors the configured models that lie elsewhere, each by itself, and keeps why one cannot be fetched. {@link #configure} is
 * called by one thread at a time.
 */
public final class RemoteModels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteModels.class);
    /** How often a mirror is asked whether it is time to try again. */
    private static final Duration BREATH = Duration.ofSeconds(1);

    private final Map<String, String> environment;
    private final Duration pollInterval;
    private final InstantSource clock;
    private final Http http = new Http();
    /** As many as there are models to look at: none waits for the download of another. */
    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(
            1, Thread.ofVirtual().name("model-fetcher-", 0).factory());

    private final Map<String, Watched> watched = new HashMap<>();
    private final Map<String, String> problems = new ConcurrentHashMap<>();

    /** @param looked is done when the model has been looked at once, or is watched no more */
    private record Watched(ModelConfig model, ScheduledFuture<?> task, CompletableFuture<Boolean> looked) {}

    /** @param pollInterval time between two looks at a model that was fetched */
    public RemoteModels(Map<String, String> environment, Duration pollInterval, InstantSource clock) {
        this.environment = environment;
        this.pollInterval = pollInterval;
        this.clock = clock;
    }

    /** Why models cannot be fetched now, by their names. */
    public Map<String, String> problems() {
        return Map.copyOf(problems);
    }

    /**
     * From now on these models are mirrored, as far as they lie elsewhere.
     *
     * @return is done when each that was not mirrored before has been looked at once, or is mirrored no more
     */
    public CompletableFuture<Void> configure(Collection<ModelConfig> models) {
        var wanted = new HashMap<String, ModelConfig>();
        models.stream().filter(model -> model.remote() != null).forEach(model -> wanted.put(model.name(), model));
        watched.values().removeIf(old -> {
            boolean gone = !old.model.equals(wanted.get(old.model.name()));
            if (gone) {
                old.task.cancel(false);
                old.looked.complete(false);
                problems.remove(old.model.name());
            }
            return gone;
        });
        threads.setCorePoolSize(Math.max(1, wanted.size()));
        var added = wanted.values().stream()
                .filter(model -> !watched.containsKey(model.name()))
                .toList();
        return CompletableFuture.allOf(added.stream().map(this::watch).toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Boolean> watch(ModelConfig model) {
        var mirror = new Mirror(remote(model), model.basePath(), model.versions(), clock);
        var looked = new CompletableFuture<Boolean>();
        var look = new Runnable() {
            private java.time.Instant next = java.time.Instant.MIN;

            @Override
            public void run() {
                if (clock.instant().isBefore(next)) {
                    return;
                }
                var outcome = mirror.sync();
                note(model, outcome);
                if (outcome instanceof Mirror.Outcome.Current) {
                    next = clock.instant().plus(pollInterval);
                }
                if (!(outcome instanceof Mirror.Outcome.Waiting)) {
                    looked.complete(true);
                }
            }
        };
        long breath = Math.min(BREATH.toMillis(), Math.max(1, pollInterval.toMillis()));
        watched.put(
                model.name(),
                new Watched(model, threads.scheduleWithFixedDelay(look, 0, breath, TimeUnit.MILLISECONDS), looked));
        return looked;
    }

    private void note(ModelConfig model, Mirror.Outcome outcome) {
        switch (outcome) {
            case Mirror.Outcome.Current current -> problems.remove(model.name());
            case Mirror.Outcome.Waiting waiting -> {}
            case Mirror.Outcome.Failed(var reason) -> {
                if (!reason.equals(problems.put(model.name(), reason))) {
                    LOG.warn("model {}: {} cannot be fetched, tries go on: {}", model.name(), model.remote(), reason);
                }
            }
        }
    }

    private RemoteModel remote(ModelConfig model) {
        var uri = java.util.Objects.requireNonNull(model.remote());
        return switch (uri.getScheme()) {
            case "s3" -> new S3Model(uri, environment, http);
            case "oci" -> new OciModel(uri, environment.get("OCI_CREDENTIALS"), http);
            default -> new HttpModel(uri, http);
        };
    }

    @Override
    public void close() {
        threads.shutdownNow();
        http.close();
    }
}
