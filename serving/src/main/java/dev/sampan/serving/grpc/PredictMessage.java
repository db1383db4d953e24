package dev.sampan.serving.grpc;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.wire.ProtoReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code PredictRequest} as it is read from the wire, its tensors in the buffers of its scope. */
final class PredictMessage implements AsyncMethod.Request {
    private static final int MODEL_SPEC = 1;
    private static final int INPUTS = 2;
    private static final int OUTPUT_FILTER = 3;
    private static final int KEY = 1;
    private static final int VALUE = 2;

    private final BufferScope scope;
    private String model = "";
    private @Nullable Long version;
    private @Nullable String label;
    private String signature = "";
    private final List<String> filter = new ArrayList<>(0);
    private final Map<String, TensorMessage> tensors = new HashMap<>();

    private PredictMessage(BufferScope scope) {
        this.scope = scope;
    }

    /** Reads a message; the scope is the message's then, and closed if it cannot be read. */
    static PredictMessage read(ProtoReader in, BufferScope scope) {
        long start = System.nanoTime();
        try {
            in.keepFor(scope);
            var message = new PredictMessage(scope);
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                switch (ProtoReader.number(tag)) {
                    case MODEL_SPEC -> message.spec(in);
                    case INPUTS -> message.input(in);
                    case OUTPUT_FILTER -> message.filter.add(in.string());
                    default -> in.skip(tag);
                }
            }
            scope.timings().read(System.nanoTime() - start);
            return message;
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    private void spec(ProtoReader in) {
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case SpecMessage.NAME -> model = in.string();
                case SpecMessage.VERSION -> {
                    version = SpecMessage.int64Value(in);
                    label = null;
                }
                case SpecMessage.SIGNATURE -> signature = in.string();
                case SpecMessage.LABEL -> {
                    label = in.string();
                    version = null;
                }
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
    }

    private void input(ProtoReader in) {
        int outer = in.enter();
        var name = "";
        @Nullable TensorMessage tensor = null;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case KEY -> name = in.string();
                case VALUE -> {
                    int entry = in.enter();
                    tensor = TensorMessage.read(in, scope);
                    in.leave(entry);
                }
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        tensors.put(name, tensor == null ? TensorMessage.empty(scope) : tensor);
    }

    BufferScope scope() {
        return scope;
    }

    String model() {
        return model;
    }

    /** The version that is meant. */
    ModelSpec spec() {
        if (model.isEmpty()) {
            throw ServingException.invalid("ModelSpec has no name.");
        }
        if (version != null) {
            return ModelSpec.version(model, version);
        }
        return label != null ? ModelSpec.label(model, label) : ModelSpec.latest(model);
    }

    /** Empty for the default one. */
    String signature() {
        return signature;
    }

    /** Wanted outputs; empty for all. */
    List<String> filter() {
        return filter;
    }

    /** The tensors, checked. */
    Map<String, Tensor> inputs() {
        var inputs = new HashMap<String, Tensor>();
        tensors.forEach((name, tensor) -> inputs.put(name, tensor.tensor(name)));
        return inputs;
    }

    @Override
    public void close() {
        scope.close();
    }
}
