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

    /** Where paths of the container lie. */
    Mounts mounts();
}
