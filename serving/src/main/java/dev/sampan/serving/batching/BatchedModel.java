package dev.sampan.serving.batching;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import dev.sampan.serving.tensor.Timings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A model whose requests run in batches where its signature allows it: every input and output has a first dimension of any
 * size. Requests share a bucket if signature, wanted outputs and the shapes of their rows are the same.
 */
final class BatchedModel implements LoadedModel {
    /** Buckets for so many shapes; requests of further ones run alone. */
    private static final int MAX_BUCKETS = 256;
    /** Runs that take longer leave the request's thread, so that short ones do not wait for a thread. */
    private static final double SLOW_NANOS = 2e6;

    private final LoadedModel model;
    private final BatchOptions options;
    private final boolean alone;
    private final BufferPool pool;
    private final Executor runs;
    private final Executor soon;
    private final LongSupplier nanoTime;
    private final Map<Key, Bucket> buckets = new ConcurrentHashMap<>();

    /**
     * What requests must have in common to run together.
     *
     * @param rowShapes of all inputs, each with its number of dimensions before it
     */
    private record Key(String signature, List<String> outputs, boolean alone, long[] rowShapes) {
        /** Requests that run by themselves need have no shapes in common. */
        static Key alone(Signature signature, List<String> outputs) {
            return new Key(signature.name(), outputs, true, new long[0]);
        }

        /** @param ranksOnly whether shapes may differ as long as they have as many dimensions */
        static Key together(Signature signature, Map<String, Tensor> inputs, List<String> outputs, boolean ranksOnly) {
            int length = 0;
            for (var spec : signature.inputs()) {
                length += ranksOnly ? 1 : shape(inputs, spec).length;
            }
            var shapes = new long[length];
            int at = 0;
            for (var spec : signature.inputs()) {
                long[] shape = shape(inputs, spec);
                shapes[at++] = shape.length;
                for (int i = 1; i < shape.length && !ranksOnly; i++) {
                    shapes[at++] = shape[i];
                }
            }
            return new Key(signature.name(), outputs, false, shapes);
        }

        private static long[] shape(Map<String, Tensor> inputs, TensorSpec spec) {
            return Objects.requireNonNull(inputs.get(spec.name())).shape();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key
                    && signature.equals(key.signature)
                    && outputs.equals(key.outputs)
                    && alone == key.alone
                    && Arrays.equals(rowShapes, key.rowShapes);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * signature.hashCode() + outputs.hashCode()) + Arrays.hashCode(rowShapes);
        }
    }

    /** @param alone whether requests never share a run */
    BatchedModel(
            LoadedModel model,
            BatchOptions options,
            boolean alone,
            BufferPool pool,
            Executor runs,
            Executor soon,
            LongSupplier nanoTime) {
        this.model = model;
        this.options = options;
        this.alone = alone;
        this.pool = pool;
        this.runs = runs;
        this.soon = soon;
        this.nanoTime = nanoTime;
    }

    @Override
    public Map<String, Signature> signatures() {
        return model.signatures();
    }

    @Override
    public List<String> classNames() {
        return model.classNames();
    }

    @Override
    public String platform() {
        return model.platform();
    }

    @Override
    public boolean mixesRows() {
        return model.mixesRows();
    }

    @Override
    public long memoryBytes() {
        return model.memoryBytes();
    }

    @Override
    public Map<String, Tensor> run(
            Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
        int rows = batchable(signature) ? rows(signature, inputs) : -1;
        var bucket = rows > 0 ? bucket(signature, inputs, outputs, alone) : null;
        if (bucket == null) {
            return model.run(signature, inputs, outputs, buffers);
        }
        return alone || rows <= bucket.limit()
                ? bucket.run(new Waiting(inputs, rows, buffers))
                : new Pieces(bucket, inputs, rows, buffers).run();
    }

    @Override
    public void start(
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> outputs,
            BufferScope buffers,
            Outcome outcome) {
        int rows = batchable(signature) ? rows(signature, inputs) : -1;
        // What cannot be batched queues all the same: there are not as many threads as there are calls.
        boolean byItself = alone || rows <= 0;
        var bucket = bucket(signature, inputs, outputs, byItself);
        if (bucket == null) {
            runs.execute(() -> LoadedModel.super.start(signature, inputs, outputs, buffers, outcome));
        } else if (byItself || rows <= bucket.limit()) {
            bucket.start(new Called(inputs, Math.max(1, rows), buffers, outcome, bucket::leadElsewhere));
        } else {
            new Pieces(bucket, inputs, rows, buffers).start(outcome);
        }
    }

    private static boolean batchable(Signature signature) {
        return anySize(signature.inputs()) && anySize(signature.outputs());
    }

    private static boolean anySize(List<TensorSpec> specs) {
        for (var spec : specs) {
            if (spec.shape().length == 0 || spec.shape()[0] >= 0) {
                return false;
            }
        }
        return !specs.isEmpty();
    }

    /** Rows of a request; -1 if its inputs have different numbers of them. */
    private static int rows(Signature signature, Map<String, Tensor> inputs) {
        long rows = -1;
        for (var spec : signature.inputs()) {
            var tensor = inputs.get(spec.name());
            if (tensor == null || rows >= 0 && tensor.shape()[0] != rows) {
                return -1;
            }
            rows = tensor.shape()[0];
        }
        return (int) rows;
    }

    /** @param byItself whether the request must not share its run */
    private @Nullable Bucket bucket(
            Signature signature, Map<String, Tensor> inputs, List<String> outputs, boolean byItself) {
        var key = byItself
                ? Key.alone(signature, outputs)
                : Key.together(signature, inputs, outputs, options.padVariableLength());
        var bucket = buckets.get(key);
        if (bucket == null && buckets.size() < MAX_BUCKETS) {
            bucket = buckets.computeIfAbsent(key, k -> {
                var speed = new Speed();
                return new Bucket(
                        byItself ? options.alone() : options,
                        batch -> run(signature, outputs, batch, byItself, speed),
                        runs,
                        soon,
                        speed,
                        nanoTime);
            });
        }
        return bucket;
    }

    private void run(Signature signature, List<String> outputs, List<Pending> batch, boolean byItself, Speed speed) {
        if (speed.nanosPerRun() > SLOW_NANOS && Thread.currentThread().isVirtual()) {
            CompletableFuture.runAsync(() -> runHere(signature, outputs, batch, byItself, speed), runs)
                    .join();
        } else {
            runHere(signature, outputs, batch, byItself, speed);
        }
    }

    /** Runs a batch and completes all of it, whatever happens. */
    private void runHere(
            Signature signature, List<String> outputs, List<Pending> batch, boolean byItself, Speed speed) {
        int rows = 0;
        for (var pending : batch) {
            rows += pending.rows;
        }
        try {
            if (byItself || batch.size() == 1 && options.padded(rows) == rows) {
                runAlone(signature, outputs, batch.getFirst(), speed);
            } else {
                runJoined(signature, outputs, batch, rows, speed);
            }
        } catch (RuntimeException | Error e) {
            fail(signature, outputs, batch, e);
        }
    }

    private void runAlone(Signature signature, List<String> outputs, Pending only, Speed speed) {
        long start = nanoTime.getAsLong();
        var results = model.run(signature, only.inputs, outputs, only.buffers);
        long nanos = nanoTime.getAsLong() - start;
        speed.ran(only.rows, nanos);
        only.buffers.timings().ran(only.rows, only.rows, new Timings.Run(0, nanos, 0), true);
        only.complete(results);
    }

    private void runJoined(Signature signature, List<String> outputs, List<Pending> batch, int rows, Speed speed) {
        int total = options.padded(rows);
        try (var scope = pool.scope()) {
            long start = nanoTime.getAsLong();
            var inputs = Rows.join(batch, total, scope);
            long joined = nanoTime.getAsLong();
            var results = model.run(signature, inputs, outputs, scope);
            long ran = nanoTime.getAsLong();
            speed.ran(rows, ran - start);
            int from = 0;
            for (var pending : batch) {
                long before = nanoTime.getAsLong();
                var run = new Timings.Run(joined - start, ran - joined, before - ran);
                pending.buffers.timings().ran(rows, total, run, from == 0);
                pending.complete(results, total, from);
                from += pending.rows;
            }
        }
    }

    /** One request's fault must not be the others': after a failure every one runs alone. */
    private void fail(Signature signature, List<String> outputs, List<Pending> batch, Throwable cause) {
        if (batch.size() == 1) {
            if (!batch.getFirst().done()) {
                batch.getFirst().fail(cause);
            }
            return;
        }
        for (var pending : batch) {
            if (pending.done()) {
                continue;
            }
            try {
                pending.complete(model.run(signature, pending.inputs, outputs, pending.buffers));
            } catch (RuntimeException | Error e) {
                pending.fail(e);
            }
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
