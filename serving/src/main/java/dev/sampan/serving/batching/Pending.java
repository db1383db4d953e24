package dev.sampan.serving.batching;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A request in a bucket. Its thread waits until somebody has run it or it is told to run the next batch itself; until then its
 * tensors and buffers belong to whoever runs it.
 */
final class Pending {
    enum Turn {
        WAIT,
        LEAD,
        DONE
    }

    final Map<String, Tensor> inputs;
    final int rows;
    final BufferScope buffers;
    /** When it was queued. Guarded by the bucket's lock. */
    long queuedAt;

    private final Thread thread = Thread.currentThread();
    private Map<String, Tensor> outputs = Map.of();
    private @Nullable Throwable failure;
    private List<Pending> batch = List.of();
    private volatile Turn turn = Turn.WAIT;

    Pending(Map<String, Tensor> inputs, int rows, BufferScope buffers) {
        this.inputs = inputs;
        this.rows = rows;
        this.buffers = buffers;
    }

    /** Waits; the batch to run if it is this request's turn to lead, null if it is done. */
    @Nullable
    List<Pending> await() {
        boolean interrupted = false;
        while (turn == Turn.WAIT) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return turn == Turn.LEAD ? batch : null;
    }

    /** Waits for a wake-up or this time, whichever comes first. */
    static void pause(long nanos) {
        LockSupport.parkNanos(nanos);
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    void lead(List<Pending> toRun) {
        batch = toRun;
        turn = Turn.LEAD;
        wake();
    }

    void complete(Map<String, Tensor> result) {
        outputs = result;
        turn = Turn.DONE;
        wake();
    }

    void fail(Throwable cause) {
        failure = cause;
        turn = Turn.DONE;
        wake();
    }

    boolean done() {
        return turn == Turn.DONE;
    }

    /** The outputs, or what went wrong, thrown. */
    Map<String, Tensor> result() {
        switch (failure) {
            case null -> {
                return outputs;
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
