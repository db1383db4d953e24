package dev.sampan.serving.batching;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.tensor.BufferPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads models with another engine and lets requests to them run in batches. */
public final class BatchingEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(BatchingEngine.class);
    private static final String OWN_PARAMETERS = "batching_params.pbtxt";

    private final Engine engine;
    private final BatchOptions options;
    private final boolean perModel;
    private final BufferPool buffers;
    private final Executor runs;
    private final Executor soon;
    private final LongSupplier nanoTime;

    /**
     * @param perModel whether a version's own {@code batching_params.pbtxt} replaces the options
     * @param runs where batches run that no thread waits for, and models that take long
     * @param soon where batches run that no thread waits for and that take no time worth mentioning
     */
    public BatchingEngine(
            Engine engine,
            BatchOptions options,
            boolean perModel,
            BufferPool buffers,
            Executor runs,
            Executor soon,
            LongSupplier nanoTime) {
        this.engine = engine;
        this.options = options;
        this.perModel = perModel;
        this.buffers = buffers;
        this.runs = runs;
        this.soon = soon;
        this.nanoTime = nanoTime;
    }

    @Override
    public LoadedModel load(Path versionFolder) throws ModelLoadException {
        var own = ownOptions(versionFolder);
        var model = engine.load(versionFolder);
        boolean alone = model.mixesRows() && own == null;
        if (alone) {
            LOG.info(
                    "{}: the model quantizes by the range of all rows of a run, so answers would depend on other clients'"
                            + " requests: each request runs by itself. A {} in the version's folder together with"
                            + " --enable_per_model_batching_parameters batches it all the same",
                    versionFolder,
                    OWN_PARAMETERS);
        }
        return new BatchedModel(model, own == null ? options : own, alone, buffers, runs, soon, nanoTime);
    }

    @Override
    public long estimateBytes(Path versionFolder) {
        return engine.estimateBytes(versionFolder);
    }

    private @Nullable BatchOptions ownOptions(Path versionFolder) throws ModelLoadException {
        var file = versionFolder.resolve(OWN_PARAMETERS);
        if (!perModel || !Files.exists(file)) {
            return null;
        }
        try {
            return BatchingFile.read(file);
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException(String.valueOf(e.getMessage()), e);
        }
    }
}
