package dev.sampan.serving.batching;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request that no thread waits for: its outcome is told by the thread that ran it, from the batch's own outputs. */
final class Called extends Pending {
    private static final Logger LOG = LoggerFactory.getLogger(Called.class);

    private final LoadedModel.Outcome outcome;
    private final Consumer<List<Pending>> leader;
    private boolean done;

    /** @param leader has a batch run by some thread */
    Called(
            Map<String, Tensor> inputs,
            int rows,
            BufferScope buffers,
            LoadedModel.Outcome outcome,
            Consumer<List<Pending>> leader) {
        super(inputs, rows, buffers);
        this.outcome = outcome;
        this.leader = leader;
    }

    @Override
    void complete(Map<String, Tensor> outputs, int totalRows, int firstRow) {
        complete(Rows.view(outputs, totalRows, firstRow, rows));
    }

    @Override
    void complete(Map<String, Tensor> outputs) {
        done = true;
        try {
            outcome.succeeded(outputs);
        } catch (RuntimeException e) {
            LOG.error("an answer could not be given", e);
        }
    }

    @Override
    void fail(Throwable cause) {
        done = true;
        try {
            outcome.failed(cause);
        } catch (RuntimeException e) {
            LOG.error("a failure could not be told", e);
        }
    }

    @Override
    boolean done() {
        return done;
    }

    @Override
    void lead(List<Pending> batch) {
        leader.accept(batch);
    }
}
