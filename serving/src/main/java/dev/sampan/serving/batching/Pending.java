package dev.sampan.serving.batching;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A request in a bucket. While it is there its tensors and buffers belong to whoever runs it. Either a thread waits for it
 * ({@link Waiting}) or an outcome is told ({@link Called}).
 */
abstract sealed class Pending permits Waiting, Called {
    final Map<String, Tensor> inputs;
    final int rows;
    final BufferScope buffers;
    /** When it was queued. Guarded by the bucket's lock. */
    long queuedAt;

    Pending(Map<String, Tensor> inputs, int rows, BufferScope buffers) {
        this.inputs = inputs;
        this.rows = rows;
        this.buffers = buffers;
    }

    /** Takes its rows of a batch's outputs, which are valid only until this returns. */
    abstract void complete(Map<String, Tensor> outputs, int totalRows, int firstRow);

    /** Takes outputs that are all its own, in its own buffers. */
    abstract void complete(Map<String, Tensor> outputs);

    abstract void fail(Throwable cause);

    /** Whether it has been completed or has failed. */
    abstract boolean done();

    /** Lets a thread run this batch, of which the request is the first. */
    abstract void lead(List<Pending> batch);
}
