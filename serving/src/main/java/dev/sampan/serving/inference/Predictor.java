package dev.sampan.serving.inference;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.Timings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Checks inputs against a signature and runs the model. */
public final class Predictor {
    private final ServingMetrics metrics;
    private final Recorder recorder;

    public Predictor(ServingMetrics metrics, Recorder recorder) {
        this.metrics = metrics;
        this.recorder = recorder;
    }

    /**
     * The signature of that name.
     *
     * @param name empty for the default one
     */
    public static Signature signature(LoadedModel model, String name) {
        var signatures = model.signatures();
        var wanted = name.isEmpty() ? Signature.DEFAULT : name;
        var signature = signatures.get(wanted);
        if (signature == null) {
            throw ServingException.invalid("Serving signature name: \"" + wanted + "\" not found in signature def");
        }
        return signature;
    }

    /**
     * Runs one request.
     *
     * @param filter names of the wanted outputs; empty for all
     * @param buffers where outputs are put
     * @throws ServingException INVALID_ARGUMENT if inputs or filter do not fit the signature
     */
    public Map<String, Tensor> predict(
            ServableHandle handle,
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> filter,
            BufferScope buffers) {
        check(signature, inputs);
        var wanted = outputs(signature, filter);
        long start = System.nanoTime();
        try {
            var outputs = handle.model().run(signature, inputs, wanted, buffers);
            succeeded(handle, signature, inputs, filter, buffers, outputs, System.nanoTime() - start);
            return outputs;
        } catch (RuntimeException | Error e) {
            metrics.failed(handle.modelName(), handle.version(), System.nanoTime() - start);
            throw e;
        }
    }

    /**
     * The same without waiting: the outcome is told, once, unless this throws.
     *
     * @throws ServingException INVALID_ARGUMENT if inputs or filter do not fit the signature, RESOURCE_EXHAUSTED if there is too
     *     much to do
     */
    public void start(
            ServableHandle handle,
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> filter,
            BufferScope buffers,
            LoadedModel.Outcome outcome) {
        check(signature, inputs);
        var wanted = outputs(signature, filter);
        long start = System.nanoTime();
        handle.model().start(signature, inputs, wanted, buffers, new LoadedModel.Outcome() {
            @Override
            public void succeeded(Map<String, Tensor> outputs) {
                try {
                    Predictor.this.succeeded(
                            handle, signature, inputs, filter, buffers, outputs, System.nanoTime() - start);
                } catch (RuntimeException | Error e) {
                    failed(e);
                    return;
                }
                outcome.succeeded(outputs);
            }

            @Override
            public void failed(Throwable cause) {
                metrics.failed(handle.modelName(), handle.version(), System.nanoTime() - start);
                outcome.failed(cause);
            }
        });
    }

    private void succeeded(
            ServableHandle handle,
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> filter,
            BufferScope buffers,
            Map<String, Tensor> outputs,
            long nanos) {
        long rows = rows(signature, inputs);
        var timings = buffers.timings();
        if (timings.batchRows() == 0) {
            timings.ran((int) rows, (int) rows, new Timings.Run(0, nanos, 0), true);
        }
        metrics.inferred(handle.modelName(), handle.version(), rows, timings, nanos);
        recorder.predicted(handle, signature, inputs, filter, outputs);
    }

    /** Sizes of the first dimension of the first input; 1 if it has none. */
    private static long rows(Signature signature, Map<String, Tensor> inputs) {
        if (signature.inputs().isEmpty()) {
            return 1;
        }
        var name = signature.inputs().getFirst().name();
        long[] shape = Objects.requireNonNull(inputs.get(name)).shape();
        return shape.length == 0 ? 1 : shape[0];
    }

    private static List<String> outputs(Signature signature, List<String> filter) {
        if (filter.isEmpty()) {
            return signature.outputs().stream().map(spec -> spec.name()).toList();
        }
        for (var name : filter) {
            if (signature.output(name) == null) {
                throw ServingException.invalid(
                        "output tensor alias not found in signature: " + name + " Outputs expected to be in the set {"
                                + String.join(
                                        ",",
                                        signature.outputs().stream()
                                                .map(spec -> spec.name())
                                                .toList())
                                + "}.");
            }
        }
        return filter;
    }

    /**
     * Checks names, types and shapes.
     *
     * @throws ServingException INVALID_ARGUMENT if they do not fit the signature
     */
    public static void check(Signature signature, Map<String, Tensor> inputs) {
        if (inputs.size() != signature.inputs().size()) {
            throw wrongNames(signature, inputs);
        }
        for (var spec : signature.inputs()) {
            var tensor = inputs.get(spec.name());
            if (tensor == null) {
                throw wrongNames(signature, inputs);
            }
            if (tensor.dtype() != spec.dtype()) {
                throw ServingException.invalid("Input '" + spec.name() + "' is of type "
                        + tensor.dtype().shortName() + ", expected "
                        + spec.dtype().shortName());
            }
            if (!spec.accepts(tensor.shape())) {
                throw ServingException.invalid("Input '" + spec.name() + "' has shape "
                        + Tensor.describe(tensor.shape()) + ", expected " + Tensor.describe(spec.shape()));
            }
        }
    }

    private static ServingException wrongNames(Signature signature, Map<String, Tensor> inputs) {
        var missing = new TreeSet<String>();
        signature.inputs().forEach(spec -> missing.add(spec.name()));
        missing.removeAll(inputs.keySet());
        var extra = new TreeSet<>(inputs.keySet());
        signature.inputs().forEach(spec -> extra.remove(spec.name()));
        return ServingException.invalid("input size does not match signature: " + inputs.size() + "!="
                + signature.inputs().size() + ". Sent extra: {" + String.join(",", extra)
                + "}. Missing but required: {" + String.join(",", missing) + "}.");
    }
}
