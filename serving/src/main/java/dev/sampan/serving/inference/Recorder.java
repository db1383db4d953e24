package dev.sampan.serving.inference;

import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Is shown every request that was answered. Must be quick, and must not keep the tensors. */
public interface Recorder {
    /** Records nothing. */
    Recorder NONE = (handle, signature, inputs, filter, outputs) -> {};

    void predicted(
            ServableHandle handle,
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> filter,
            Map<String, Tensor> outputs);
}
