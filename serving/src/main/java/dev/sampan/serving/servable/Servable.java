package dev.sampan.serving.servable;

import dev.sampan.serving.engine.LoadedModel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A loaded version and the number of those who use it: one for the manager, one for each request. The model is closed when
 * the last one lets go, so that no request ever sees an unloaded model.
 */
final class Servable {
    final String model;
    final long version;
    final LoadedModel loaded;
    private final Runnable onIdle;
    private final AtomicInteger users = new AtomicInteger(1);

    Servable(String model, long version, LoadedModel loaded, Runnable onIdle) {
        this.model = model;
        this.version = version;
        this.loaded = loaded;
        this.onIdle = onIdle;
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

    void release() {
        if (users.decrementAndGet() == 0) {
            onIdle.run();
        }
    }
}
