package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** LSTM and GRU: the same gates as in ONNX, in another order. */
final class RecurrentRules {
    /** Where each gate of ONNX's order (input, output, forget, cell) is in Keras' (input, forget, cell, output). */
    private static final int[] LSTM_GATES = {0, 3, 1, 2};
    /** Both have update, reset, candidate. */
    private static final int[] GRU_GATES = {0, 1, 2};

    private RecurrentRules() {}

    static Map<String, LayerRule> all() {
        LayerRule.Single lstm = RecurrentRules::lstm;
        LayerRule.Single gru = RecurrentRules::gru;
        return Map.of("LSTM", lstm.rule(), "GRU", gru.rule());
    }

    private static Value lstm(Layer layer, Value in, Building b) throws KerasException {
        boolean bias = layer.get("use_bias").asBoolean(true);
        var weights = b.weights(layer, bias ? 3 : 2);
        int units = layer.get("units").asInt();
        float[] biases = bias ? gates(weights.get(2), LSTM_GATES) : new float[4 * units];
        var none = new float[biases.length];
        var activations = List.of(
                activation(layer, "recurrent_activation", "sigmoid"),
                activation(layer, "activation", "tanh"),
                activation(layer, "activation", "tanh"));
        return recurrent(
                "LSTM",
                layer,
                in,
                b,
                LSTM_GATES,
                join(biases, none),
                new HashMap<>(Map.of("activations", activations)));
    }

    private static Value gru(Layer layer, Value in, Building b) throws KerasException {
        boolean bias = layer.get("use_bias").asBoolean(true);
        var weights = b.weights(layer, bias ? 3 : 2);
        int units = layer.get("units").asInt();
        boolean resetAfter = layer.get("reset_after").asBoolean(false);
        float[] biases = new float[6 * units];
        if (bias) {
            float[] values = weights.get(2).values();
            System.arraycopy(values, 0, biases, 0, values.length);
        }
        var attributes = new HashMap<String, Object>();
        attributes.put(
                "activations",
                List.of(activation(layer, "recurrent_activation", "sigmoid"), activation(layer, "activation", "tanh")));
        attributes.put("linear_before_reset", resetAfter ? 1L : 0L);
        return recurrent("GRU", layer, in, b, GRU_GATES, biases, attributes);
    }

    private static Value recurrent(
            String operator,
            Layer layer,
            Value in,
            Building b,
            int[] gates,
            float[] biases,
            Map<String, Object> attributes)
            throws KerasException {
        for (var key : List.of("stateful", "return_state", "time_major", "go_backwards")) {
            if (layer.get(key).asBoolean(false)) {
                throw layer.unsupported(key + " is not supported");
            }
        }
        var weights = b.weights(layer, layer.get("use_bias").asBoolean(true) ? 3 : 2);
        int units = layer.get("units").asInt();
        int width = weights.getFirst().shape()[0];
        var inputs = List.of(
                b.transpose(b.floats(in), 1, 0, 2),
                b.graph.constant(transposed(weights.getFirst(), gates, units), 1, (long) gates.length * units, width),
                b.graph.constant(transposed(weights.get(1), gates, units), 1, (long) gates.length * units, units),
                b.graph.constant(biases, 1, biases.length));
        attributes.put("hidden_size", (long) units);
        boolean sequences = layer.get("return_sequences").asBoolean(false);
        var all = sequences ? b.graph.fresh("sequence") : "";
        var last = sequences ? "" : b.graph.fresh("last");
        b.graph.node(operator, inputs, attributes, sequences ? List.of(all) : List.of("", last));
        return sequences
                ? Value.floats(b.transpose(b.squeeze(all, 1), 1, 0, 2), in.size(0), units)
                : Value.floats(b.squeeze(last, 0), units);
    }

    /** Rows for the outputs of each gate, gates in ONNX's order. */
    private static float[] transposed(Weights kernel, int[] gates, int units) {
        int rows = kernel.shape()[0];
        int columns = kernel.shape()[1];
        var values = new float[rows * columns];
        for (int gate = 0; gate < gates.length; gate++) {
            for (int unit = 0; unit < units; unit++) {
                for (int row = 0; row < rows; row++) {
                    values[(gate * units + unit) * rows + row] =
                            kernel.values()[row * columns + gates[gate] * units + unit];
                }
            }
        }
        return values;
    }

    /** Biases of the gates in ONNX's order. */
    private static float[] gates(Weights bias, int[] gates) {
        int units = bias.values().length / gates.length;
        var values = new float[bias.values().length];
        for (int gate = 0; gate < gates.length; gate++) {
            System.arraycopy(bias.values(), gates[gate] * units, values, gate * units, units);
        }
        return values;
    }

    private static float[] join(float[] first, float[] second) {
        var all = new float[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static String activation(Layer layer, String key, String usual) throws KerasException {
        var name = layer.get(key).asString(usual);
        return switch (name) {
            case "tanh" -> "Tanh";
            case "sigmoid" -> "Sigmoid";
            case "relu" -> "Relu";
            case "softsign" -> "Softsign";
            case "softplus" -> "Softplus";
            default -> throw layer.unsupported(key + " '" + name + "' is not supported");
        };
    }
}
