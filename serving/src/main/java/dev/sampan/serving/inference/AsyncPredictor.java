package dev.sampan.serving.inference;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Predictions that no thread waits for: the version is held from the start of each to its answer. */
public final class AsyncPredictor {
    private final ServableManager manager;
    private final Predictor predictor;
    private final Executor blocking;
    private final int maxWaiting;
    private final AtomicInteger waiting = new AtomicInteger();

    /** A request, which is asked for its parts in this order, then answered or failed, once. */
    public interface Job {
        /** Buffers of the request; they are closed after the answer. */
        BufferScope scope();

        ModelSpec spec();

        Signature signature(LoadedModel model);

        Map<String, Tensor> inputs();

        /** Wanted outputs; empty for all. */
        List<String> filter();

        /** @param outputs valid only until this returns; if this throws, the job has failed */
        void answer(ServableHandle handle, Signature signature, Map<String, Tensor> outputs);

        void fail(Throwable cause);
    }

    /**
     * @param blocking runs what has to wait: requests for versions that are not in memory
     * @param maxWaiting beyond so many such requests, further ones are refused
     */
    public AsyncPredictor(ServableManager manager, Predictor predictor, Executor blocking, int maxWaiting) {
        this.manager = manager;
        this.predictor = predictor;
        this.blocking = blocking;
        this.maxWaiting = maxWaiting;
    }

    /** Starts a job; does not block. */
    public void start(Job job) {
        try {
            var spec = job.spec();
            var handle = manager.acquireNow(spec);
            if (handle != null) {
                run(job, handle);
            } else {
                startSlowly(job, spec);
            }
        } catch (RuntimeException | Error e) {
            failed(job, e);
        }
    }

    private void startSlowly(Job job, ModelSpec spec) {
        if (waiting.incrementAndGet() > maxWaiting) {
            waiting.decrementAndGet();
            throw new ServingException(
                    Code.RESOURCE_EXHAUSTED,
                    maxWaiting + " requests are already waiting for models that are not in memory; try again later");
        }
        blocking.execute(() -> {
            try {
                run(job, awaited(spec));
            } catch (RuntimeException | Error e) {
                failed(job, e);
            }
        });
    }

    private ServableHandle awaited(ModelSpec spec) {
        try {
            return manager.acquire(spec);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private static void failed(Job job, Throwable cause) {
        job.scope().close();
        job.fail(cause);
    }

    private void run(Job job, ServableHandle handle) {
        try {
            var signature = job.signature(handle.model());
            predictor.start(
                    handle, signature, job.inputs(), job.filter(), job.scope(), new Run(job, handle, signature));
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    private record Run(Job job, ServableHandle handle, Signature signature) implements LoadedModel.Outcome {
        @Override
        public void succeeded(Map<String, Tensor> outputs) {
            try {
                job.answer(handle, signature, outputs);
            } catch (RuntimeException | Error e) {
                job.fail(e);
            } finally {
                end();
            }
        }

        @Override
        public void failed(Throwable cause) {
            try {
                job.fail(cause);
            } finally {
                end();
            }
        }

        private void end() {
            try {
                job.scope().close();
            } finally {
                handle.close();
            }
        }
    }
}
