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

    /**
     * Runs the model on inputs that fit the signature.
     *
     * @param outputs names of the wanted outputs
     * @param buffers where output tensors are put
     * @return the wanted outputs in the order asked for
     * @throws dev.sampan.serving.error.ServingException if the engine rejects the inputs or fails
     */
    Map<String, Tensor> run(Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers);

    @Override
    void close();
}
