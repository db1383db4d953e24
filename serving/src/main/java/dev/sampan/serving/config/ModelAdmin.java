package dev.sampan.serving.config;

import java.util.List;

/** Changes what a running server serves. */
public interface ModelAdmin {

    /**
     * From now on these models are served; returns when their present versions have been loaded or have failed.
     *
     * @throws dev.sampan.serving.error.ServingException if the configuration is refused; the old one stays
     */
    void reload(List<ModelConfig> models);

    /**
     * Serves a configured model that was unloaded; returns when it is available.
     *
     * @throws dev.sampan.serving.error.ServingException NOT_FOUND if no such model is configured, else why it does not load
     */
    void load(String model);

    /**
     * Stops serving a model, until it is loaded again or another configuration comes; returns when no new request gets it.
     *
     * @throws dev.sampan.serving.error.ServingException NOT_FOUND if no such model is configured
     */
    void unload(String model);

    /** Where paths of the container lie. */
    Mounts mounts();
}
