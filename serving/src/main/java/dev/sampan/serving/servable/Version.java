package dev.sampan.serving.servable;

import dev.sampan.serving.error.Code;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The manager's record of one version. Guarded by the manager's lock. */
final class Version {
    AspiredVersion source;
    boolean aspired = true;
    VersionState state = VersionState.START;
    Code code = Code.OK;
    String message = "";
    int failures;
    /** When a failed load is tried again; null if it is not. */
    @Nullable
    Instant retryAt;

    @Nullable
    Servable servable;

    /** Its new content, until that is loaded and takes its place. */
    @Nullable
    Version successor;

    /** Of memory, while it is loading or loaded. */
    MemoryBudget.@Nullable Claim claim;

    /** Available, but not in memory. */
    boolean pagedOut;

    /** What requests for a version that was paged out wait for. */
    @Nullable
    CompletableFuture<String> comingBack;

    Version(AspiredVersion source) {
        this.source = source;
    }

    long number() {
        return source.version();
    }

    VersionStatus status() {
        var next = successor;
        var text = next == null || next.message.isEmpty() ? message : "its new content does not load: " + next.message;
        return new VersionStatus(number(), retryAt == null ? state : VersionState.LOADING, code, text, pagedOut);
    }

    /** Between two tries a version counts as loading: the policy has nothing to do for it. */
    VersionState stateAt(Instant now) {
        return retryAt != null && retryAt.isAfter(now) ? VersionState.LOADING : state;
    }

    /** Those who wait for it go on. */
    void arrived() {
        var waiting = comingBack;
        comingBack = null;
        if (waiting != null) {
            waiting.complete("");
        }
    }

    /** Those who wait for it are told why it does not come. */
    void failed(String reason) {
        var waiting = comingBack;
        comingBack = null;
        if (waiting != null) {
            waiting.complete(reason);
        }
    }

    /** Whether the version has come to an end because it did not load. */
    boolean failed() {
        return state == VersionState.END && code != Code.OK;
    }

    void restart(AspiredVersion newSource) {
        source = newSource;
        state = VersionState.START;
        code = Code.OK;
        message = "";
        failures = 0;
        retryAt = null;
    }
}
