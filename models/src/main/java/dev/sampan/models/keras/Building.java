package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import dev.sampan.models.onnx.Onnx.TensorProto.DataType;
import dev.sampan.models.onnx.OnnxGraph;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The graph under construction, with the operations that several layers are made of. */
final class Building {
    final OnnxGraph graph;
    private final Map<String, List<Weights>> weights;

    Building(OnnxGraph graph, Map<String, List<Weights>> weights) {
        this.graph = graph;
        this.weights = weights;
    }

    /** The layer's arrays; as many as asked for. */
    List<Weights> weights(Layer layer, int count) throws KerasException {
        var all = weights.getOrDefault(layer.name(), List.of());
        if (all.size() != count) {
            throw layer.unsupported("the file has " + all.size() + " arrays for it, " + count + " were expected");
        }
        return all;
    }

    String constant(Weights weights) {
        var shape = new long[weights.shape().length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = weights.shape()[i];
        }
        return graph.constant(weights.values(), shape);
    }

    /** What computes with decimals casts other inputs, as Keras does. */
    String floats(Value value) {
        return value.type() == DataType.FLOAT ? value.name() : cast(value.name(), DataType.FLOAT);
    }

    String cast(String value, DataType type) {
        return graph.node("Cast", List.of(value), Map.of("to", (long) type.getNumber()));
    }

    String transpose(String value, long... permutation) {
        return graph.node("Transpose", List.of(value), Map.of("perm", permutation));
    }

    String squeeze(String value, long... axes) {
        return graph.node("Squeeze", value, graph.integers(axes));
    }

    String softmax(String value, long axis) {
        return graph.node("Softmax", List.of(value), Map.of("axis", axis));
    }

    /** Applies the layer's activation of that key; none is linear. */
    String activation(Layer layer, String key, String value) throws KerasException {
        return activate(layer, layer.get(key), value);
    }

    String activate(Layer layer, JsonNode choice, String value) throws KerasException {
        var name = choice.isObject()
                ? choice.path("config").isString()
                        ? choice.path("config").asString()
                        : choice.path("class_name").asString("")
                : choice.asString("linear");
        var operation = operation(name);
        if (operation == null) {
            throw layer.unsupported("activation '" + name + "' is not supported");
        }
        return operation.apply(value);
    }

    private @Nullable UnaryOperator<String> operation(String activation) {
        return switch (activation) {
            case "linear" -> value -> value;
            case "relu", "ReLU" -> value -> graph.node("Relu", value);
            case "sigmoid" -> value -> graph.node("Sigmoid", value);
            case "tanh" -> value -> graph.node("Tanh", value);
            case "softmax", "Softmax" -> value -> softmax(value, -1);
            case "elu" -> value -> graph.node("Elu", value);
            case "selu" -> value -> graph.node("Selu", value);
            case "softplus" -> value -> graph.node("Softplus", value);
            case "softsign" -> value -> graph.node("Softsign", value);
            case "exponential" -> value -> graph.node("Exp", value);
            case "relu6" -> value -> clip(value, 0, 6);
            case "leaky_relu" -> value -> graph.node("LeakyRelu", List.of(value), Map.of("alpha", 0.2f));
            case "swish", "silu" -> value -> graph.node("Mul", value, graph.node("Sigmoid", value));
            case "gelu" -> this::gelu;
            case "mish" -> value -> graph.node("Mul", value, graph.node("Tanh", graph.node("Softplus", value)));
            default -> null;
        };
    }

    /** x times the normal distribution's share below x. */
    private String gelu(String value) {
        var scaled = graph.node("Mul", value, graph.constant((float) Math.sqrt(0.5)));
        var share = graph.node("Add", graph.node("Erf", scaled), graph.constant(1));
        return graph.node("Mul", graph.node("Mul", value, share), graph.constant(0.5f));
    }

    String clip(String value, float least, float most) {
        return graph.node("Clip", value, scalar(least), scalar(most));
    }

    private String scalar(float value) {
        return graph.constant(new float[] {value}, new long[0]);
    }
}
