package dev.sampan.serving.servable;

import dev.sampan.serving.engine.LoadedModel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A loaded version and the number of those who use it: one for the manager, one for each request. The model is closed when
 * the last one lets go, so that no request ever sees an unloaded model. A version that is paged out has a servable without a
 * model.
 */
final class Servable {
    final String model;
    final long version;
    final @Nullable LoadedModel loaded;
    private final Runnable onIdle;
    private final AtomicInteger users;
    private volatile long lastUsedMillis;

    Servable(String model, long version, LoadedModel loaded, Runnable onIdle) {
        this.model = model;
        this.version = version;
        this.loaded = loaded;
        this.onIdle = onIdle;
        this.users = new AtomicInteger(1);
    }

    private Servable(String model, long version) {
        this.model = model;
        this.version = version;
        this.loaded = null;
        this.onIdle = () -> {};
        this.users = new AtomicInteger();
    }

    static Servable pagedOut(String model, long version) {
        return new Servable(model, version);
    }

    boolean isPagedOut() {
        return loaded == null;
    }

    /** One more user, unless the last one has already let go. */
    boolean tryAcquire() {
        int now = users.get();
        while (now > 0) {
            int seen = users.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    void usedAt(long millis) {
        lastUsedMillis = millis;
    }

    long lastUsedMillis() {
        return lastUsedMillis;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            onIdle.run();
        }
    }
}
