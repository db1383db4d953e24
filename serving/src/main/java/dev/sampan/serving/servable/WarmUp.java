package dev.sampan.serving.servable;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import java.nio.file.Path;

/** What is done with a model after it was loaded and before it becomes available. */
public interface WarmUp {
    /** Nothing. */
    WarmUp NONE = (folder, model) -> {};

    /** @throws ModelLoadException if the model cannot be served; the load has failed then */
    void warmUp(Path folder, LoadedModel model) throws ModelLoadException;
}
