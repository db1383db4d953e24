package dev.sampan.serving.batching;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.Map;

/**
 * A request that is larger than a batch. It runs in pieces, one after the other, so that it does not hold up the small ones;
 * their outputs are put together as they come. Owned by whoever runs the present piece.
 */
final class Pieces {
    private final Bucket bucket;
    private final Map<String, Tensor> inputs;
    private final int rows;
    private final int limit;
    private final BufferScope buffers;
    private int from;
    private Map<String, Tensor> joined = Map.of();

    Pieces(Bucket bucket, Map<String, Tensor> inputs, int rows, BufferScope buffers) {
        this.bucket = bucket;
        this.inputs = inputs;
        this.rows = rows;
        this.limit = bucket.limit();
        this.buffers = buffers;
    }

    /** Runs all pieces; returns when all outputs are there. */
    Map<String, Tensor> run() {
        while (from < rows) {
            int count = Math.min(limit, rows - from);
            try (var scope = buffers.piece()) {
                add(bucket.run(new Waiting(Rows.view(inputs, from, count), count, scope)), count, scope);
            }
        }
        return joined;
    }

    /** Runs all pieces; the outcome is told when all outputs are there. */
    void start(LoadedModel.Outcome outcome) {
        int count = Math.min(limit, rows - from);
        var scope = buffers.piece();
        var piece = new LoadedModel.Outcome() {
            @Override
            public void succeeded(Map<String, Tensor> outputs) {
                try (scope) {
                    add(outputs, count, scope);
                } catch (RuntimeException e) {
                    outcome.failed(e);
                    return;
                }
                if (from == rows) {
                    outcome.succeeded(joined);
                    return;
                }
                try {
                    start(outcome);
                } catch (RuntimeException e) {
                    outcome.failed(e);
                }
            }

            @Override
            public void failed(Throwable cause) {
                scope.close();
                outcome.failed(cause);
            }
        };
        try {
            bucket.start(new Called(Rows.view(inputs, from, count), count, scope, piece, bucket::leadElsewhere));
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    private void add(Map<String, Tensor> outputs, int count, BufferScope scope) {
        outputs.forEach((name, tensor) -> {
            if (tensor.shape().length == 0 || tensor.shape()[0] != count) {
                throw new ServingException(
                        Code.INVALID_ARGUMENT,
                        "Output '" + name + "' does not have one row for each row of the inputs: such a model cannot"
                                + " take more rows at once than the largest batch");
            }
        });
        if (joined.isEmpty()) {
            joined = Rows.room(outputs, rows, buffers);
        }
        Rows.put(outputs, joined, from);
        buffers.timings().add(scope.timings());
        from += count;
    }
}
