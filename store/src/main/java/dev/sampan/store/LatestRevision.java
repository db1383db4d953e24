package dev.sampan.store;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the latest revision on behalf of many: an answer counts for those who had come before the question was sent, so while one
 * question is on its way all newcomers share the next one.
 */
final class LatestRevision {

    private final Supplier<CompletableFuture<Long>> question;
    private @Nullable CompletableFuture<Long> next; // guarded by this; of those who wait for the one on its way
    private boolean asking; // guarded by this

    LatestRevision(Supplier<CompletableFuture<Long>> question) {
        this.question = question;
    }

    CompletableFuture<Long> get() {
        CompletableFuture<Long> mine;
        synchronized (this) {
            if (asking) {
                if (next == null) {
                    next = new CompletableFuture<>();
                }
                return next;
            }
            asking = true;
            mine = new CompletableFuture<>();
        }
        ask(mine);
        return mine;
    }

    private void ask(CompletableFuture<Long> answer) {
        var _ = question.get().whenComplete((revision, failure) -> {
            var following = following();
            if (following != null) {
                ask(following);
            }
            if (failure == null) {
                answer.complete(revision);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private synchronized @Nullable CompletableFuture<Long> following() {
        var following = next;
        next = null;
        asking = following != null;
        return following;
    }
}
