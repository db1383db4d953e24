package dev.sampan.serving.batching;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.util.ArrayList;
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
    private final BufferPool pool;
    private final Executor slowRuns;
    private final ServingMetrics metrics;
    private final LongSupplier nanoTime;
    private final Map<Key, Bucket> buckets = new ConcurrentHashMap<>();

    private record Key(String signature, List<String> outputs, List<List<Long>> rowShapes) {}

    BatchedModel(
            LoadedModel model,
            BatchOptions options,
            BufferPool pool,
            Executor slowRuns,
            ServingMetrics metrics,
            LongSupplier nanoTime) {
        this.model = model;
        this.options = options;
        this.pool = pool;
        this.slowRuns = slowRuns;
        this.metrics = metrics;
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
    public long memoryBytes() {
        return model.memoryBytes();
    }

    @Override
    public Map<String, Tensor> run(
            Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
        int rows = batchable(signature) ? rows(signature, inputs) : -1;
        var bucket = rows > 0 ? bucket(signature, inputs, outputs) : null;
        return bucket == null
                ? model.run(signature, inputs, outputs, buffers)
                : bucket.run(new Pending(inputs, rows, buffers));
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

    private @Nullable Bucket bucket(Signature signature, Map<String, Tensor> inputs, List<String> outputs) {
        var shapes = new ArrayList<List<Long>>();
        for (var spec : signature.inputs()) {
            long[] shape = Objects.requireNonNull(inputs.get(spec.name())).shape();
            shapes.add(Arrays.stream(shape, 1, shape.length).boxed().toList());
        }
        var key = new Key(signature.name(), outputs, shapes);
        var bucket = buckets.get(key);
        if (bucket == null && buckets.size() < MAX_BUCKETS) {
            bucket = buckets.computeIfAbsent(key, k -> {
                var speed = new Speed();
                return new Bucket(options, batch -> run(signature, outputs, batch, speed), speed, nanoTime);
            });
        }
        return bucket;
    }

    private void run(Signature signature, List<String> outputs, List<Pending> batch, Speed speed) {
        if (batch.isEmpty()) {
            return;
        }
        if (speed.nanosPerRun() > SLOW_NANOS) {
            CompletableFuture.runAsync(() -> runHere(signature, outputs, batch, speed), slowRuns)
                    .join();
        } else {
            runHere(signature, outputs, batch, speed);
        }
    }

    /** Runs a batch and completes all of it, whatever happens. */
    private void runHere(Signature signature, List<String> outputs, List<Pending> batch, Speed speed) {
        int rows = batch.stream().mapToInt(pending -> pending.rows).sum();
        long start = nanoTime.getAsLong();
        try {
            if (batch.size() == 1 && options.padded(rows) == rows) {
                var only = batch.getFirst();
                only.complete(model.run(signature, only.inputs, outputs, only.buffers));
            } else {
                runJoined(signature, outputs, batch, rows);
            }
            long nanos = nanoTime.getAsLong() - start;
            speed.ran(rows, nanos);
            metrics.batch(rows, options.padded(rows), nanos);
        } catch (RuntimeException | Error e) {
            fail(signature, outputs, batch, e);
        }
    }

    private void runJoined(Signature signature, List<String> outputs, List<Pending> batch, int rows) {
        int total = options.padded(rows);
        try (var scope = pool.scope()) {
            var results = model.run(signature, Rows.join(batch, total, scope), outputs, scope);
            var slices = new ArrayList<Map<String, Tensor>>(batch.size());
            int from = 0;
            for (var pending : batch) {
                slices.add(Rows.slice(results, total, from, pending.rows, pending.buffers));
                from += pending.rows;
            }
            for (int i = 0; i < slices.size(); i++) {
                batch.get(i).complete(slices.get(i));
            }
        }
    }

    /** One request's fault must not be the others': after a failure every one runs alone. */
    private void fail(Signature signature, List<String> outputs, List<Pending> batch, Throwable cause) {
        if (batch.size() == 1) {
            batch.getFirst().fail(cause);
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
