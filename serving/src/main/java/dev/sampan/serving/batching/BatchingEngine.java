package dev.sampan.serving.batching;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.tensor.BufferPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Loads models with another engine and lets requests to them run in batches. */
public final class BatchingEngine implements Engine {
    private static final String OWN_PARAMETERS = "batching_params.pbtxt";

    private final Engine engine;
    private final BatchOptions options;
    private final boolean perModel;
    private final BufferPool buffers;
    private final Executor runs;
    private final LongSupplier nanoTime;

    /**
     * @param perModel whether a version's own {@code batching_params.pbtxt} replaces the options
     * @param runs where batches run that no thread waits for, and models that take long
     */
    public BatchingEngine(
            Engine engine,
            BatchOptions options,
            boolean perModel,
            BufferPool buffers,
            Executor runs,
            LongSupplier nanoTime) {
        this.engine = engine;
        this.options = options;
        this.perModel = perModel;
        this.buffers = buffers;
        this.runs = runs;
        this.nanoTime = nanoTime;
    }

    @Override
    public LoadedModel load(Path versionFolder) throws ModelLoadException {
        var own = ownOptions(versionFolder);
        return new BatchedModel(engine.load(versionFolder), own, buffers, runs, nanoTime);
    }

    @Override
    public long estimateBytes(Path versionFolder) {
        return engine.estimateBytes(versionFolder);
    }

    private BatchOptions ownOptions(Path versionFolder) throws ModelLoadException {
        var file = versionFolder.resolve(OWN_PARAMETERS);
        if (!perModel || !Files.exists(file)) {
            return options;
        }
        try {
            return BatchingFile.read(file);
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException(String.valueOf(e.getMessage()), e);
        }
    }
}
