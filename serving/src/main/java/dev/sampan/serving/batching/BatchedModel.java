package dev.sampan.serving.batching;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import dev.sampan.serving.tensor.Timings;
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
    private final LongSupplier nanoTime;
    private final Map<Key, Bucket> buckets = new ConcurrentHashMap<>();

    private record Key(String signature, List<String> outputs, List<List<Long>> rowShapes) {}

    BatchedModel(LoadedModel model, BatchOptions options, BufferPool pool, Executor slowRuns, LongSupplier nanoTime) {
        this.model = model;
        this.options = options;
        this.pool = pool;
        this.slowRuns = slowRuns;
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
    public long memoryBytes() {
        return model.memoryBytes();
    }

    @Override
    public Map<String, Tensor> run(
            Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
        int rows = batchable(signature) ? rows(signature, inputs) : -1;
        var bucket = rows > 0 ? bucket(signature, inputs, outputs) : null;
        if (bucket == null) {
            return model.run(signature, inputs, outputs, buffers);
        }
        int limit = bucket.limit();
        return rows <= limit
                ? bucket.run(new Pending(inputs, rows, buffers))
                : runInPieces(bucket, inputs, rows, limit, buffers);
    }

    /** One piece after the other, so that a large request does not hold up the small ones. */
    private static Map<String, Tensor> runInPieces(
            Bucket bucket, Map<String, Tensor> inputs, int rows, int limit, BufferScope buffers) {
        var scopes = new ArrayList<BufferScope>();
        try {
            var results = new ArrayList<Map<String, Tensor>>();
            for (int from = 0; from < rows; from += limit) {
                int count = Math.min(limit, rows - from);
                var scope = buffers.piece();
                scopes.add(scope);
                results.add(bucket.run(new Pending(Rows.view(inputs, from, count), count, scope)));
                buffers.timings().add(scope.timings());
                requireRows(results.getLast(), count);
            }
            return Rows.join(results, buffers);
        } finally {
            scopes.forEach(BufferScope::close);
        }
    }

    private static void requireRows(Map<String, Tensor> outputs, int rows) {
        outputs.forEach((name, tensor) -> {
            if (tensor.shape().length == 0 || tensor.shape()[0] != rows) {
                throw new ServingException(
                        Code.INVALID_ARGUMENT,
                        "Output '" + name + "' does not have one row for each row of the inputs: such a model cannot"
                                + " take more rows at once than the largest batch");
            }
        });
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
            shapes.add(
                    options.padVariableLength()
                            ? List.of((long) shape.length)
                            : Arrays.stream(shape, 1, shape.length).boxed().toList());
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
        try {
            if (batch.size() == 1 && options.padded(rows) == rows) {
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
            var slices = new ArrayList<Map<String, Tensor>>(batch.size());
            int from = 0;
            for (var pending : batch) {
                slices.add(Rows.slice(results, total, from, pending.rows, pending.buffers));
                from += pending.rows;
            }
            long sliced = nanoTime.getAsLong();
            speed.ran(rows, sliced - start);
            var run = new Timings.Run(joined - start, ran - joined, sliced - ran);
            for (int i = 0; i < slices.size(); i++) {
                batch.get(i).buffers.timings().ran(rows, total, run, i == 0);
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
