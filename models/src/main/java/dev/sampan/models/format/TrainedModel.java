package dev.sampan.models.format;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.Scaling;
import dev.sampan.models.network.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A trained network with all that is needed to use it: {@code model.json}, and beside it the parameters as little-endian
 * float32 in the file that model.json names. The model is there once model.json is: it is written last.
 *
 * @param name what the model is called, by default as its data
 * @param network scaling, layers and parameters
 * @param classes class names in the order of the output
 * @param sampleShape shape of one sample in the data it was trained on
 * @param data what it was trained on, and what was held out
 */
public record TrainedModel(
        String name, Network network, List<String> classes, List<Integer> sampleShape, DataOptions data) {

    private static final String FORMAT = "sampan-network/1";
    public static final String FILE = "model.json";

    public TrainedModel {
        classes = List.copyOf(classes);
        sampleShape = List.copyOf(sampleShape);
        if (classes.size() != network.classes()) {
            throw new IllegalArgumentException(classes.size() + " class names for " + network.classes() + " classes");
        }
    }

    /** Writes the model; an older one in the folder is replaced, its parameters last. */
    public void save(Path folder) throws IOException {
        var bytes = parameterBytes();
        var sum = HexFormat.of().formatHex(sha256(bytes));
        var weights = "weights-" + sum.substring(0, 12) + ".bin";
        AtomicFiles.write(folder.resolve(weights), bytes);
        AtomicFiles.write(
                folder.resolve(FILE),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(toJson(weights, sum)));
        try (var old = Files.newDirectoryStream(folder, "weights-*.bin")) {
            for (var file : old) {
                if (!file.getFileName().toString().equals(weights)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /**
     * Reads a model.
     *
     * @throws IOException if there is none, or if its files do not belong together
     */
    public static TrainedModel load(Path folder) throws IOException {
        var file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException("no trained model in " + folder + ": there is no " + FILE);
        }
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new IOException(file + ": not JSON: " + e.getOriginalMessage(), e);
        }
        if (!json.path("format").asString("").equals(FORMAT)) {
            throw new IOException(file + ": format '" + json.path("format").asString("") + "' is not " + FORMAT);
        }
        var weights = folder.resolve(json.path("weights").path("file").asString(""));
        var bytes = Files.readAllBytes(weights);
        if (!HexFormat.of()
                .formatHex(sha256(bytes))
                .equals(json.path("weights").path("sha256").asString(""))) {
            throw new IOException(
                    weights + ": not the parameters that " + FILE + " was written with (its SHA-256 differs)");
        }
        try {
            return fromJson(json, floats(bytes));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private ObjectNode toJson(String weights, String sum) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("format", FORMAT);
        json.put("name", name);
        var layers = json.putArray("layers");
        IntStream.of(network.sizes()).forEach(layers::add);
        json.put("hiddenActivation", "relu").put("outputActivation", "softmax");
        var shape = json.putArray("sampleShape");
        sampleShape.forEach(shape::add);
        var names = json.putArray("classes");
        classes.forEach(names::add);
        var scaling = json.putObject("scaling");
        addAll(scaling.putArray("offset"), network.scaling().offset());
        addAll(scaling.putArray("factor"), network.scaling().factor());
        var from = json.putObject("data");
        from.put("source", data.source()).put("heldOut", data.heldOut()).put("seed", data.seed());
        from.put("label", data.label());
        from.putArray("images")
                .add(data.images().width())
                .add(data.images().height())
                .add(data.images().channels());
        json.putObject("weights").put("file", weights).put("type", "float32-le").put("sha256", sum);
        return json;
    }

    private static TrainedModel fromJson(JsonNode json, float[] parameters) {
        var sizes = ints(json.required("layers"));
        var scaling = json.required("scaling");
        var from = json.required("data");
        var images = ints(from.required("images"));
        var label = from.path("label");
        var data = new DataOptions(
                from.required("source").asString(),
                from.required("heldOut").asDouble(),
                from.required("seed").asLong(),
                label.isString() ? label.asString() : null,
                new DataOptions.ImageFormat(images[0], images[1], images[2]));
        return new TrainedModel(
                json.required("name").asString(),
                new Network(
                        sizes,
                        new Scaling(floats(scaling.required("offset")), floats(scaling.required("factor"))),
                        parameters),
                json.required("classes").valueStream().map(JsonNode::asString).toList(),
                IntStream.of(ints(json.required("sampleShape"))).boxed().toList(),
                data);
    }

    private byte[] parameterBytes() {
        var parameters = network.parameters();
        var buffer = ByteBuffer.allocate(parameters.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(parameters);
        return buffer.array();
    }

    private static float[] floats(byte[] bytes) {
        var values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private static float[] floats(JsonNode array) {
        var values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    private static void addAll(ArrayNode array, float[] values) {
        for (float value : values) {
            array.add(value);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
