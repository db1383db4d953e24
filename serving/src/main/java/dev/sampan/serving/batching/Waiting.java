package dev.sampan.serving.batching;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A request whose thread waits until somebody has run it or it is told to run the next batch itself. */
final class Waiting extends Pending {
    private enum Turn {
        WAIT,
        LEAD,
        DONE
    }

    private final Thread thread = Thread.currentThread();
    private Map<String, Tensor> outputs = Map.of();
    private @Nullable Throwable failure;
    private List<Pending> batch = List.of();
    private volatile Turn turn = Turn.WAIT;

    Waiting(Map<String, Tensor> inputs, int rows, BufferScope buffers) {
        super(inputs, rows, buffers);
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

    @Override
    void lead(List<Pending> toRun) {
        batch = toRun;
        turn = Turn.LEAD;
        LockSupport.unpark(thread);
    }

    @Override
    void complete(Map<String, Tensor> results, int totalRows, int firstRow) {
        complete(Rows.slice(results, totalRows, firstRow, rows, buffers));
    }

    @Override
    void complete(Map<String, Tensor> results) {
        outputs = results;
        turn = Turn.DONE;
        LockSupport.unpark(thread);
    }

    @Override
    void fail(Throwable cause) {
        failure = cause;
        turn = Turn.DONE;
        LockSupport.unpark(thread);
    }

    @Override
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
