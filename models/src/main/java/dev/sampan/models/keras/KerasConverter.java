package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import dev.sampan.models.keras.KerasModel.Ref;
import dev.sampan.models.onnx.Onnx.TensorProto.DataType;
import dev.sampan.models.onnx.OnnxGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Converts a Sequential or Functional model that Keras saved as {@code .h5} to ONNX. Inputs and outputs keep the names of their
 * layers; the batch is of any size.
 */
public final class KerasConverter {
    private static final Map<String, LayerRule> RULES = rules();

    private final KerasModel model;
    private final OnnxGraph graph;
    private final Building building;
    private final Map<String, Layer> layers;
    private final Map<Ref, Value> values = new HashMap<>();

    private KerasConverter(KerasModel model, KerasFile file) {
        this.model = model;
        this.graph = new OnnxGraph(model.name());
        this.building = new Building(graph, file.weights());
        this.layers = model.layers().stream().collect(Collectors.toMap(Layer::name, layer -> layer, (a, b) -> a));
    }

    private static Map<String, LayerRule> rules() {
        var rules = new HashMap<String, LayerRule>();
        rules.putAll(CoreRules.all());
        rules.putAll(ConvolutionRules.all());
        rules.putAll(PoolingRules.all());
        rules.putAll(RecurrentRules.all());
        rules.putAll(MergeRules.all());
        return Map.copyOf(rules);
    }

    /**
     * Converts a file.
     *
     * @throws KerasException if it is no such file, or has a layer that is not supported; the message names it
     */
    public static byte[] convert(Path file) throws KerasException {
        var keras = KerasFile.read(file);
        return new KerasConverter(KerasModel.of(keras.config()), keras).convert();
    }

    private byte[] convert() throws KerasException {
        var names = new HashSet<String>();
        for (var input : model.inputs()) {
            var value = input(layer(input.layer()));
            values.put(input, value);
            names.add(value.name());
            graph.input(value.name(), value.type(), value.shape());
        }
        for (var output : model.outputs()) {
            var value = value(output);
            var name = output.layer();
            while (!names.add(name)) {
                name += "_output";
            }
            graph.node("Identity", List.of(value.name()), Map.of(), List.of(name));
            graph.output(name, value.type(), value.shape());
        }
        return graph.model();
    }

    private Layer layer(String name) throws KerasException {
        var layer = layers.get(name);
        if (layer == null) {
            throw new KerasException("the model has no layer '" + name + "', which another names");
        }
        return layer;
    }

    private static Value input(Layer layer) throws KerasException {
        var shape = layer.config().has("batch_shape") ? layer.get("batch_shape") : layer.get("batch_input_shape");
        if (!shape.isArray() || shape.isEmpty()) {
            throw layer.unsupported("it does not tell its shape");
        }
        var sizes = new ArrayList<Long>();
        for (int i = 1; i < shape.size(); i++) {
            sizes.add(shape.get(i).isNull() ? -1L : shape.get(i).asLong());
        }
        return new Value(layer.name(), type(layer, layer.get("dtype")), sizes);
    }

    private static DataType type(Layer layer, JsonNode dtype) throws KerasException {
        var name = dtype.isObject() ? dtype.path("config").path("name").asString("float32") : dtype.asString("float32");
        return switch (name) {
            case "float32" -> DataType.FLOAT;
            case "float64" -> DataType.DOUBLE;
            case "float16" -> DataType.FLOAT16;
            case "int8" -> DataType.INT8;
            case "int16" -> DataType.INT16;
            case "int32" -> DataType.INT32;
            case "int64" -> DataType.INT64;
            case "uint8" -> DataType.UINT8;
            case "bool" -> DataType.BOOL;
            default -> throw layer.unsupported("dtype '" + name + "' is not supported");
        };
    }

    /** The value of a use of a layer; what it depends on comes first. */
    private Value value(Ref ref) throws KerasException {
        var known = values.get(ref);
        if (known != null) {
            return known;
        }
        var layer = layer(ref.layer());
        var rule = RULES.get(layer.className());
        if (rule == null) {
            throw layer.unsupported("layers of this class are not supported");
        }
        if (ref.use() >= layer.uses().size()) {
            throw layer.unsupported("it has no use number " + ref.use());
        }
        var inputs = new ArrayList<Value>();
        for (var input : layer.uses().get(ref.use())) {
            inputs.add(value(input));
        }
        var value = rule.apply(layer, inputs, building);
        values.put(ref, value);
        return value;
    }
}
