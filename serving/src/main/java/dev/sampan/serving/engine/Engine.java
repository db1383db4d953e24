package dev.sampan.serving.engine;

import java.nio.file.Path;

/** Loads models of one or more formats. Thread-safe. */
public interface Engine {

    /**
     * Loads the model in a version folder; takes as long as it takes.
     *
     * @throws ModelLoadException if there is no model that this engine can load; the message says why
     */
    LoadedModel load(Path versionFolder) throws ModelLoadException;
}
