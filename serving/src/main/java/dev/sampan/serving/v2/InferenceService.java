package dev.sampan.serving.v2;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Inference as the protocol has it, whichever way the tensors come. */
final class InferenceService {
    private static final long NANOS_PER_MICRO = 1000;

    private final ServableManager manager;
    private final Predictor predictor;
    private final BufferPool buffers;
    private final ServingMetrics metrics;

    /**
     * A request.
     *
     * @param version number or label of a version; empty for the latest
     * @param id given back with the answer
     * @param outputs wanted ones; empty for all
     */
    record Request(
            String model,
            String version,
            String id,
            Parameters parameters,
            Map<String, Tensor> inputs,
            List<Output> outputs) {
        /** Names of the wanted outputs; empty for all. */
        List<String> filter() {
            return outputs.stream().map(Output::name).toList();
        }
    }

    /**
     * A wanted output.
     *
     * @param classes as how many of the best classes it should be given; 0 for the tensor itself
     * @param binary whether its bytes should follow the JSON; null for what the request says of all
     */
    record Output(String name, int classes, @Nullable Boolean binary) {}

    /** An answer; its tensors live in the scope of the request. */
    record Response(String model, String version, String id, Map<String, Tensor> outputs) {}

    InferenceService(ServableManager manager, Predictor predictor, BufferPool buffers, ServingMetrics metrics) {
        this.manager = manager;
        this.predictor = predictor;
        this.buffers = buffers;
        this.metrics = metrics;
    }

    /** Buffers for a request whose answer is wanted until then. */
    BufferScope scope(long deadlineNanos, int priority) {
        return buffers.scope(deadlineNanos, priority);
    }

    /**
     * Runs a request.
     *
     * @throws ServingException if there is no such model, or its inputs do not fit
     */
    Response infer(Request request, BufferScope scope) {
        limit(request.parameters, scope);
        try (var handle = manager.acquire(spec(request.model, request.version))) {
            var signature = signature(handle.model().signatures(), request.parameters.text("signature_name"));
            var outputs = predictor.predict(handle, signature, request.inputs, request.filter(), scope);
            return new Response(
                    handle.modelName(),
                    Long.toString(handle.version()),
                    request.id,
                    classified(request.outputs, outputs, handle.model().classNames()));
        }
    }

    /** Counts a request as the metrics want it. */
    void count(String model, String entryPoint, Code code, long nanos) {
        if (manager.knows(model)) {
            metrics.request(model, "Infer", entryPoint, code, nanos);
        }
    }

    /** Triton's parameters {@code timeout}, in microseconds, and {@code priority}, 1 for the most urgent. */
    static void limit(Parameters parameters, BufferScope scope) {
        long micros = parameters.integer("timeout", 0);
        if (micros > 0) {
            scope.expireAt(System.nanoTime() + micros * NANOS_PER_MICRO);
        }
        long priority = parameters.integer("priority", 0);
        if (priority > 0) {
            scope.priority((int) Math.min(priority, BufferScope.PRIORITIES));
        }
    }

    /** The version that a request names by number or label. */
    static ModelSpec spec(String model, String version) {
        if (model.isEmpty()) {
            throw ServingException.invalid("the request names no model");
        }
        if (version.isEmpty()) {
            return ModelSpec.latest(model);
        }
        if (version.chars().allMatch(c -> c >= '0' && c <= '9') && version.length() < 19) {
            return ModelSpec.version(model, Long.parseLong(version));
        }
        return ModelSpec.label(model, version);
    }

    /** The named signature, else the default one, else the only one: the protocol itself knows no signatures. */
    static Signature signature(Map<String, Signature> signatures, String name) {
        var signature = signatures.get(name.isEmpty() ? Signature.DEFAULT : name);
        if (signature == null && name.isEmpty() && signatures.size() == 1) {
            signature = signatures.values().iterator().next();
        }
        if (signature == null) {
            throw ServingException.invalid("the model has no signature '" + (name.isEmpty() ? Signature.DEFAULT : name)
                    + "'; it has " + signatures.keySet());
        }
        return signature;
    }

    static Map<String, Tensor> classified(List<Output> wanted, Map<String, Tensor> outputs, List<String> classNames) {
        if (wanted.stream().noneMatch(output -> output.classes > 0)) {
            return outputs;
        }
        var classified = new LinkedHashMap<String, Tensor>();
        for (var output : wanted) {
            var tensor = Objects.requireNonNull(outputs.get(output.name));
            classified.put(
                    output.name,
                    output.classes == 0
                            ? tensor
                            : Classification.best(output.name, tensor, output.classes, classNames));
        }
        return classified;
    }
}
