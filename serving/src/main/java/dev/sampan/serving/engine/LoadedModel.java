package dev.sampan.serving.engine;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A model in memory. {@link #run} may be called by several threads at once; nothing may be called after {@link #close}. */
public interface LoadedModel extends AutoCloseable {

    /** By name; the default signature, if there is one, is {@link Signature#DEFAULT}. */
    Map<String, Signature> signatures();

    /** Names of the classes that the outputs stand for; empty if the model does not say. */
    List<String> classNames();

    /** What runs the model and in which format it is, as the Open Inference Protocol names platforms. */
    default String platform() {
        return "unknown";
    }

    /** Bytes of memory that the model holds, as well as the engine can tell. */
    long memoryBytes();

    /** Whether a row's outputs depend on the rows beside it, so that what different clients ask must not run together. */
    default boolean mixesRows() {
        return false;
    }

    /**
     * Runs the model on inputs that fit the signature.
     *
     * @param outputs names of the wanted outputs
     * @param buffers where output tensors are put
     * @return the wanted outputs in the order asked for
     * @throws dev.sampan.serving.error.ServingException if the engine rejects the inputs or fails
     */
    Map<String, Tensor> run(Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers);

    /** Is told how a run ended, once, by whichever thread ran it. */
    interface Outcome {
        /** @param outputs the wanted ones, valid only until this returns */
        void succeeded(Map<String, Tensor> outputs);

        void failed(Throwable cause);
    }

    /**
     * Runs the model as {@link #run} does, perhaps later and in another thread, to which inputs and buffers belong until the
     * outcome is told.
     *
     * @throws dev.sampan.serving.error.ServingException if the request is refused at once; the outcome is told nothing then
     */
    default void start(
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> outputs,
            BufferScope buffers,
            Outcome outcome) {
        Map<String, Tensor> results;
        try {
            results = run(signature, inputs, outputs, buffers);
        } catch (RuntimeException | Error e) {
            outcome.failed(e);
            return;
        }
        outcome.succeeded(results);
    }

    @Override
    void close();
}
