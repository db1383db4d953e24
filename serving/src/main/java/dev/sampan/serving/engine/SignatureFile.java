package dev.sampan.serving.engine;

import dev.sampan.serving.tensor.Signature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code signature.json} beside a model that by itself has no signatures: for each signature its method and the names that
 * clients use for the model's inputs and outputs.
 *
 * <pre>{@code
 * {"signatures": {"serving_default": {"method": "predict", "inputs": {"image": "x:0"}, "outputs": {"scores": "y:0"}}}}
 * }</pre>
 */
record SignatureFile(Map<String, Entry> signatures) {
    private static final String FILE = "signature.json";

    /** Inputs and outputs by the client's name, each with the model's. */
    record Entry(String method, Map<String, String> inputs, Map<String, String> outputs) {}

    /** The folder's signatures; none if it has no such file. */
    static SignatureFile read(Path folder) throws ModelLoadException {
        var file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return new SignatureFile(Map.of());
        }
        try {
            var signatures = new LinkedHashMap<String, Entry>();
            for (var signature : JsonMapper.shared()
                    .readTree(Files.readAllBytes(file))
                    .path("signatures")
                    .properties()) {
                signatures.put(signature.getKey(), entry(signature.getValue()));
            }
            if (signatures.isEmpty()) {
                throw new ModelLoadException(file + ": no signatures");
            }
            return new SignatureFile(signatures);
        } catch (IOException | JacksonException e) {
            throw new ModelLoadException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static Entry entry(JsonNode node) throws ModelLoadException {
        var method = switch (node.path("method").asString("predict")) {
            case "predict", Signature.PREDICT -> Signature.PREDICT;
            case "classify", Signature.CLASSIFY -> Signature.CLASSIFY;
            case "regress", Signature.REGRESS -> Signature.REGRESS;
            default ->
                throw new ModelLoadException(
                        FILE + ": method " + node.path("method") + " is none of predict, classify, regress");
        };
        return new Entry(method, names(node.path("inputs")), names(node.path("outputs")));
    }

    private static Map<String, String> names(JsonNode node) {
        var names = new LinkedHashMap<String, String>();
        node.properties().forEach(e -> names.put(e.getKey(), e.getValue().asString()));
        return names;
    }
}
