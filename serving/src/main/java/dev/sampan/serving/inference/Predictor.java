package dev.sampan.serving.inference;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Checks inputs against a signature and runs the model. */
public final class Predictor {
    private final ServingMetrics metrics;

    public Predictor(ServingMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * The signature of that name.
     *
     * @param name empty for the default one
     */
    public static Signature signature(ServableHandle handle, String name) {
        var signatures = handle.model().signatures();
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
        long[] first = signature.inputs().isEmpty()
                ? new long[0]
                : Objects.requireNonNull(
                                inputs.get(signature.inputs().getFirst().name()))
                        .shape();
        metrics.examples(handle.modelName(), first.length == 0 ? 1 : first[0]);
        return handle.model().run(signature, inputs, outputs(signature, filter), buffers);
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

    private static void check(Signature signature, Map<String, Tensor> inputs) {
        var missing = new TreeSet<String>();
        signature.inputs().forEach(spec -> missing.add(spec.name()));
        missing.removeAll(inputs.keySet());
        var extra = new TreeSet<>(inputs.keySet());
        signature.inputs().forEach(spec -> extra.remove(spec.name()));
        if (!missing.isEmpty() || !extra.isEmpty()) {
            throw ServingException.invalid("input size does not match signature: " + inputs.size() + "!="
                    + signature.inputs().size() + ". Sent extra: {" + String.join(",", extra)
                    + "}. Missing but required: {" + String.join(",", missing) + "}.");
        }
        for (var spec : signature.inputs()) {
            var tensor = Objects.requireNonNull(inputs.get(spec.name()));
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
}
