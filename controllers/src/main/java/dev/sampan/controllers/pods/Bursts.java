package dev.sampan.controllers.pods;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Runs many calls of the API at once, carefully. */
public final class Bursts {

    private final Executor executor;

    /** On virtual threads. */
    public Bursts() {
        this(Thread::startVirtualThread);
    }

    /** On a given executor; tests run the calls on their own thread. */
    public Bursts(Executor executor) {
        this.executor = executor;
    }

    /**
     * @param done calls that succeeded
     * @param failure the first failure, null when all succeeded
     */
    public record Outcome(int done, @Nullable RuntimeException failure) {}

    /**
     * Runs 1 call, then 2, 4, 8 … at once until all are done or one has failed, so that a quota or a broken admission
     * plugin is not asked hundreds of times. Calls are numbered from zero; calls of batches after a failed one never run.
     */
    public Outcome slowStart(int count, IntConsumer call) {
        int done = 0;
        for (int batch = 1; done < count; batch *= 2) {
            var outcome = all(done, Math.min(batch, count - done), call);
            done += outcome.done;
            if (outcome.failure != null) {
                return new Outcome(done, outcome.failure);
            }
        }
        return new Outcome(done, null);
    }

    /** Runs all calls at once and waits for all. */
    public Outcome all(int count, IntConsumer call) {
        return all(0, count, call);
    }

    private Outcome all(int first, int count, IntConsumer call) {
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            int number = i;
            calls.add(CompletableFuture.runAsync(() -> call.accept(number), executor));
        }
        int done = 0;
        RuntimeException failure = null;
        for (var running : calls) {
            try {
                running.join();
                done++;
            } catch (CompletionException e) {
                var cause = e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
                failure = failure == null ? cause : failure;
            }
        }
        return new Outcome(done, failure);
    }
}
