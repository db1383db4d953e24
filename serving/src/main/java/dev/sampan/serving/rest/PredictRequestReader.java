package dev.sampan.serving.rest;

import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.json.JsonScanner;
import dev.sampan.serving.json.TensorReader;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a predict request: {@code {"signature_name": …, "instances": […]}} (row format) or
 * {@code {"signature_name": …, "inputs": …}} (column format). One pass over the bytes: values are read with the default
 * signature, and once more only if another signature turns out to be named after them.
 */
public final class PredictRequestReader {
    /** A request that has been read. */
    public record Request(Signature signature, boolean rowFormat, Map<String, Tensor> inputs) {}

    private static final String INSTANCES = "instances";
    private static final String INPUTS = "inputs";
    private static final String SIGNATURE = "signature_name";

    private final JsonScanner json;
    private final Function<String, Signature> signatures;
    private final BufferScope buffers;

    private String signatureName = "";
    private @Nullable String key;
    private int valueAt;
    private String readWith = "";
    private Map<String, Tensor> inputs = Map.of();
    private @Nullable ServingException problem;

    private PredictRequestReader(JsonScanner json, Function<String, Signature> signatures, BufferScope buffers) {
        this.json = json;
        this.signatures = signatures;
        this.buffers = buffers;
    }

    /**
     * Reads a body.
     *
     * @param signatures finds a signature by its name, empty for the default; throws if there is none
     */
    public static Request read(byte[] body, int length, Function<String, Signature> signatures, BufferScope buffers) {
        return new PredictRequestReader(new JsonScanner(body, length), signatures, buffers).read();
    }

    private Request read() {
        if (json.peek() == 0) {
            throw json.error("The document is empty.");
        }
        if (json.peek() != '{') {
            throw ServingException.invalid("JSON Value: " + json.describe()[0] + " Is not object");
        }
        if (json.enter('}')) {
            do {
                member(json.name());
            } while (json.more('}'));
        }
        if (json.peek() != 0) {
            throw json.error("The document root must not be followed by other values.");
        }
        if (key == null) {
            throw ServingException.invalid("Missing 'inputs' or 'instances' key");
        }
        if (!readWith.equals(signatureName)) {
            problem = null;
            json.position(valueAt);
            values();
        }
        if (problem != null) {
            throw problem;
        }
        return new Request(signatures.apply(signatureName), key.equals(INSTANCES), inputs);
    }

    private void member(String name) {
        switch (name) {
            case SIGNATURE -> {
                if (json.peek() != '"') {
                    throw ServingException.invalid("JSON Value: " + json.describe()[0]
                            + " not formatted correctly. 'signature_name' key must be a string value.");
                }
                signatureName = json.string();
            }
            case INSTANCES, INPUTS -> {
                if (key != null) {
                    throw ServingException.invalid("JSON Value: Not formatted correctly expecting only one of '"
                            + INPUTS + "' or '" + INSTANCES + "' keys to exist ");
                }
                key = name;
                json.peek();
                valueAt = json.position();
                values();
            }
            default -> json.skip();
        }
    }

    /** Reads the values with the signature as known so far; a problem counts only if it was the right one. */
    private void values() {
        readWith = signatureName;
        try {
            var signature = signatures.apply(signatureName);
            inputs = INSTANCES.equals(key) ? instances(signature) : columns(signature);
        } catch (ServingException e) {
            problem = e;
            json.position(valueAt);
            json.skip();
        }
    }

    private Map<String, Tensor> instances(Signature signature) {
        if (json.peek() != '[') {
            throw ServingException.invalid(
                    "JSON Value: " + json.describe()[0] + " Excepting 'instances' to be an list/array");
        }
        int start = json.position();
        if (!json.enter(']')) {
            throw ServingException.invalid("JSON Value: [] No values in 'instances' array");
        }
        if (json.peek() == '{' && !atBase64(signature)) {
            return rows(signature);
        }
        if (signature.inputs().size() > 1) {
            throw ServingException.invalid("instances is a plain list, but expecting list of objects as multiple input"
                    + " tensors required as per tensorinfo_map");
        }
        // Rows of the only input, one after the other, are the tensor itself.
        json.position(start);
        return whole(signature);
    }

    private Map<String, Tensor> rows(Signature signature) {
        var readers = new LinkedHashMap<String, TensorReader>();
        for (var spec : signature.inputs()) {
            readers.put(spec.name(), new TensorReader(spec, buffers, json.remaining()));
        }
        int element = 0;
        do {
            if (json.peek() != '{') {
                throw ServingException.invalid("Expecting object but got list at item " + element + " of input list");
            }
            row(readers, element);
            element++;
        } while (json.more(']'));
        var tensors = new LinkedHashMap<String, Tensor>();
        readers.forEach((name, reader) -> tensors.put(name, reader.tensor()));
        return tensors;
    }

    private void row(Map<String, TensorReader> readers, int element) {
        if (json.enter('}')) {
            do {
                var name = json.name();
                var reader = readers.get(name);
                if (reader == null) {
                    throw failed(element, name, "JSON object: does not have named input: " + name);
                }
                try {
                    reader.row(json);
                } catch (ServingException e) {
                    throw failed(element, name, e.getMessage());
                }
            } while (json.more('}'));
        }
        for (var reader : readers.values()) {
            if (reader.rows() != element + 1) {
                throw ServingException.invalid("Failed to process element: " + element
                        + " of 'instances' list. JSON object: keys must be equal to: "
                        + String.join(",", new TreeSet<>(readers.keySet())));
            }
        }
    }

    private static ServingException failed(int element, String name, @Nullable String why) {
        return ServingException.invalid("Failed to process element: " + element + " key: " + name
                + " of 'instances' list. Error: INVALID_ARGUMENT: " + why);
    }

    private Map<String, Tensor> columns(Signature signature) {
        if (json.peek() != '{' || atBase64(signature)) {
            if (signature.inputs().size() > 1) {
                throw ServingException.invalid("inputs is a plain value/list, but expecting an object as multiple input"
                        + " tensors required as per tensorinfo_map");
            }
            return whole(signature);
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        if (json.enter('}')) {
            do {
                var spec = signature.input(json.name());
                if (spec == null) {
                    json.skip();
                } else {
                    var reader = new TensorReader(spec, buffers, json.remaining());
                    reader.whole(json);
                    tensors.put(spec.name(), reader.tensor());
                }
            } while (json.more('}'));
        }
        for (var spec : signature.inputs()) {
            if (!tensors.containsKey(spec.name())) {
                throw ServingException.invalid("Missing named input: " + spec.name() + " in 'inputs' object.");
            }
        }
        return tensors;
    }

    private Map<String, Tensor> whole(Signature signature) {
        if (signature.inputs().isEmpty()) {
            throw ServingException.invalid("Failed to get input map for signature: " + signature.name());
        }
        var spec = signature.inputs().getFirst();
        var reader = new TensorReader(spec, buffers, json.remaining());
        reader.whole(json);
        return Map.of(spec.name(), reader.tensor());
    }

    /** Whether the object that comes next is {@code {"b64": …}} and not an object of inputs. */
    private boolean atBase64(Signature signature) {
        int start = json.position();
        boolean base64 = signature.input("b64") == null
                && json.enter('}')
                && json.peek() == '"'
                && json.string().equals("b64");
        json.position(start);
        return base64;
    }
}
