package dev.sampan.serving.v2;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.grpc.AsyncMethod;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.v2.InferenceService.Output;
import dev.sampan.serving.v2.proto.InferParameter;
import dev.sampan.serving.wire.Content;
import dev.sampan.serving.wire.ProtoReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code ModelInferRequest} as it is read from the wire, its tensors in the buffers of its scope. */
final class InferMessage implements AsyncMethod.Request {
    private static final int MODEL_NAME = 1;
    private static final int MODEL_VERSION = 2;
    private static final int ID = 3;
    private static final int PARAMETERS = 4;
    private static final int INPUTS = 5;
    private static final int OUTPUTS = 6;
    private static final int RAW_CONTENTS = 7;
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int OUTPUT_NAME = 1;
    private static final int OUTPUT_PARAMETERS = 2;

    private final BufferScope scope;
    private String model = "";
    private String version = "";
    private String id = "";
    private final Map<String, InferParameter> parameters = new HashMap<>(0);
    private final List<InputMessage> inputs = new ArrayList<>(1);
    private final List<Output> outputs = new ArrayList<>(0);
    private final List<Content> raw = new ArrayList<>(1);

    private InferMessage(BufferScope scope) {
        this.scope = scope;
    }

    /** Reads a message; the scope is the message's then, and closed if it cannot be read. */
    static InferMessage read(ProtoReader in, BufferScope scope) {
        long start = System.nanoTime();
        try {
            in.keepFor(scope);
            var message = new InferMessage(scope);
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                message.field(in, tag);
            }
            scope.timings().read(System.nanoTime() - start);
            return message;
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    private void field(ProtoReader in, int tag) {
        switch (ProtoReader.number(tag)) {
            case MODEL_NAME -> model = in.string();
            case MODEL_VERSION -> version = in.string();
            case ID -> id = in.string();
            case PARAMETERS -> parameter(in, parameters);
            case INPUTS -> {
                int outer = in.enter();
                inputs.add(InputMessage.read(in, scope));
                in.leave(outer);
            }
            case OUTPUTS -> output(in);
            case RAW_CONTENTS -> raw.add(in.content(scope));
            default -> in.skip(tag);
        }
    }

    private static void parameter(ProtoReader in, Map<String, InferParameter> parameters) {
        int outer = in.enter();
        var name = "";
        var value = InferParameter.getDefaultInstance();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case KEY -> name = in.string();
                case VALUE -> value = parameter(in.bytes());
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        parameters.put(name, value);
    }

    private static InferParameter parameter(byte[] bytes) {
        try {
            return InferParameter.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new ServingException(Code.INTERNAL, "Invalid protobuf byte sequence: " + e.getMessage(), e);
        }
    }

    private void output(ProtoReader in) {
        int outer = in.enter();
        var name = "";
        var own = new HashMap<String, InferParameter>(0);
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case OUTPUT_NAME -> name = in.string();
                case OUTPUT_PARAMETERS -> parameter(in, own);
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        long classes = Parameters.of(own).integer("classification", 0);
        outputs.add(new Output(name, (int) Math.min(classes, Integer.MAX_VALUE), null));
    }

    BufferScope scope() {
        return scope;
    }

    String model() {
        return model;
    }

    String id() {
        return id;
    }

    /** Whether the tensors came as bytes; outputs are sent in the same way. */
    boolean isRaw() {
        return !raw.isEmpty();
    }

    /**
     * The request with its tensors.
     *
     * @throws ServingException INVALID_ARGUMENT if they are not what they should be
     */
    InferenceService.Request request() {
        if (isRaw() && raw.size() != inputs.size()) {
            throw ServingException.invalid(
                    "there are " + inputs.size() + " inputs, but " + raw.size() + " raw_input_contents");
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < inputs.size(); i++) {
            var input = inputs.get(i);
            var tensor = isRaw() ? input.tensor(raw.get(i)) : input.tensor();
            if (tensors.put(input.name(), tensor) != null) {
                throw ServingException.invalid("input '" + input.name() + "' is there twice");
            }
        }
        return new InferenceService.Request(model, version, id, Parameters.of(parameters), tensors, outputs);
    }

    @Override
    public void close() {
        scope.close();
    }
}
