package dev.sampan.serving.batching;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.tensor.BufferPool;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Loads models with another engine and lets requests to them run in batches. */
public final class BatchingEngine implements Engine {
    private final Engine engine;
    private final BatchOptions options;
    private final BufferPool buffers;
    private final Executor slowRuns;
    private final LongSupplier nanoTime;

    /** @param slowRuns where models run that take long: the threads of requests must not be held up by them */
    public BatchingEngine(
            Engine engine,
            BatchOptions options,
            BufferPool buffers,
            Executor slowRuns,
            LongSupplier nanoTime) {
        this.engine = engine;
        this.options = options;
        this.buffers = buffers;
        this.slowRuns = slowRuns;
        this.nanoTime = nanoTime;
    }

    @Override
    public LoadedModel load(Path versionFolder) throws ModelLoadException {
        return new BatchedModel(engine.load(versionFolder), options, buffers, slowRuns, nanoTime);
    }
}
