package dev.sampan.serving.servable;

import dev.sampan.serving.engine.LoadedModel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** A request's hold on a version: the model stays loaded until the handle is closed. */
public final class ServableHandle implements AutoCloseable {
    private final Servable servable;
    private final AtomicBoolean open = new AtomicBoolean(true);

    ServableHandle(Servable servable) {
        this.servable = servable;
    }

    public String modelName() {
        return servable.model;
    }

    public long version() {
        return servable.version;
    }

    public LoadedModel model() {
        return Objects.requireNonNull(servable.loaded);
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            servable.release();
        }
    }
}
