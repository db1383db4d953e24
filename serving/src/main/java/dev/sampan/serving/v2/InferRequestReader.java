package dev.sampan.serving.v2;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.json.JsonScanner;
import dev.sampan.serving.json.TensorReader;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import dev.sampan.serving.v2.InferenceService.Output;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an inference request in one pass: a JSON document, and after it the bytes of those inputs whose parameter
 * {@code binary_data_size} says that they are there.
 */
final class InferRequestReader {
    private static final int ABSENT = -1;
    private static final int MAX_RANK = 64;

    private final JsonScanner json;
    private final BufferScope buffers;
    private final ByteBuffer binary;

    private String id = "";
    private Parameters parameters = Parameters.NONE;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final List<Output> outputs = new ArrayList<>();

    private InferRequestReader(byte[] body, int jsonLength, int length, BufferScope buffers) {
        this.json = new JsonScanner(body, jsonLength);
        this.binary = ByteBuffer.wrap(body, jsonLength, length - jsonLength);
        this.buffers = buffers;
    }

    /** @param jsonLength bytes of the JSON document at the start of the body */
    static InferenceService.Request read(
            String model, String version, byte[] body, int jsonLength, int length, BufferScope buffers) {
        return new InferRequestReader(body, jsonLength, length, buffers).read(model, version);
    }

    private InferenceService.Request read(String model, String version) {
        if (json.peek() != '{') {
            throw json.error("The document is no object.");
        }
        boolean given = false;
        if (json.enter('}')) {
            do {
                switch (json.name()) {
                    case "id" -> id = text("id");
                    case "parameters" -> parameters = Parameters.read(json);
                    case "inputs" -> {
                        given = true;
                        list("inputs", this::input);
                    }
                    case "outputs" -> list("outputs", this::output);
                    default -> json.skip();
                }
            } while (json.more('}'));
        }
        if (json.peek() != 0) {
            throw json.error("The document root must not be followed by other values.");
        }
        if (!given) {
            throw ServingException.invalid("the request has no 'inputs'");
        }
        if (binary.hasRemaining()) {
            throw ServingException.invalid("the request has " + binary.remaining() + " bytes that belong to no input");
        }
        return new InferenceService.Request(model, version, id, parameters, inputs, outputs);
    }

    private void list(String what, Runnable element) {
        if (json.peek() != '[') {
            throw json.error("'" + what + "' must be a list.");
        }
        if (json.enter(']')) {
            do {
                if (json.peek() != '{') {
                    throw json.error("Elements of '" + what + "' must be objects.");
                }
                element.run();
            } while (json.more(']'));
        }
    }

    private String text(String what) {
        if (json.peek() != '"') {
            throw json.error("'" + what + "' must be a string.");
        }
        return json.string();
    }

    private void input() {
        var name = "";
        var datatype = "";
        long @Nullable [] shape = null;
        var settings = Parameters.NONE;
        int dataAt = ABSENT;
        @Nullable TensorReader values = null;
        if (json.enter('}')) {
            do {
                switch (json.name()) {
                    case "name" -> name = text("name");
                    case "datatype" -> datatype = text("datatype");
                    case "shape" -> shape = shape();
                    case "parameters" -> settings = Parameters.read(json);
                    case "data" -> {
                        json.peek();
                        dataAt = json.position();
                        if (datatype.isEmpty()) {
                            json.skip();
                        } else {
                            values = values(name, datatype);
                        }
                    }
                    default -> json.skip();
                }
            } while (json.more('}'));
        }
        if (name.isEmpty() || datatype.isEmpty() || shape == null) {
            throw ServingException.invalid("every input needs 'name', 'datatype' and 'shape'");
        }
        if (dataAt != ABSENT && values == null) {
            int end = json.position();
            json.position(dataAt);
            values = values(name, datatype);
            json.position(end);
        }
        var tensor = values == null ? bytes(name, datatype, shape, settings) : shaped(name, values, shape);
        if (inputs.put(name, tensor) != null) {
            throw ServingException.invalid("input '" + name + "' is there twice");
        }
    }

    private TensorReader values(String name, String datatype) {
        var reader = new TensorReader(
                new TensorSpec(name, RawTensors.dtype(name, datatype), new long[0]), buffers, json.remaining());
        reader.flat(json);
        return reader;
    }

    private static Tensor shaped(String name, TensorReader values, long[] shape) {
        int expected = RawTensors.elements(name, shape);
        if (values.count() != expected) {
            throw ServingException.invalid("input '" + name + "' of shape " + Tensor.describe(shape) + " needs "
                    + expected + " elements, not " + values.count());
        }
        return values.tensor(shape);
    }

    private Tensor bytes(String name, String datatype, long[] shape, Parameters settings) {
        long size = settings.integer("binary_data_size", ABSENT);
        if (size < 0) {
            throw ServingException.invalid("input '" + name + "' has neither 'data' nor 'binary_data_size'");
        }
        if (size > binary.remaining()) {
            throw ServingException.invalid("input '" + name + "' should have " + size
                    + " bytes after the JSON, but only " + binary.remaining() + " are left");
        }
        var own = binary.slice(binary.position(), (int) size);
        binary.position(binary.position() + (int) size);
        return RawTensors.read(name, RawTensors.dtype(name, datatype), shape, own, buffers);
    }

    private long[] shape() {
        if (json.peek() != '[') {
            throw json.error("'shape' must be a list.");
        }
        var sizes = new long[MAX_RANK];
        int rank = 0;
        if (json.enter(']')) {
            do {
                if (rank == MAX_RANK || !json.atNumber()) {
                    throw json.error("'shape' must be a list of at most " + MAX_RANK + " integers.");
                }
                json.number();
                if (!json.wasLong()) {
                    throw json.error("'shape' must be a list of integers.");
                }
                sizes[rank++] = json.integerValue();
            } while (json.more(']'));
        }
        return Arrays.copyOf(sizes, rank);
    }

    private void output() {
        var name = "";
        var settings = Parameters.NONE;
        if (json.enter('}')) {
            do {
                switch (json.name()) {
                    case "name" -> name = text("name");
                    case "parameters" -> settings = Parameters.read(json);
                    default -> json.skip();
                }
            } while (json.more('}'));
        }
        if (name.isEmpty()) {
            throw ServingException.invalid("every output needs a 'name'");
        }
        var asBytes = settings.has("binary_data") ? (Boolean) settings.flag("binary_data") : null;
        outputs.add(
                new Output(name, (int) Math.min(settings.integer("classification", 0), Integer.MAX_VALUE), asBytes));
    }
}
