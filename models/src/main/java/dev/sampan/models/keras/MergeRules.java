package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Layers that join several inputs. */
final class MergeRules {
    private MergeRules() {}

    static Map<String, LayerRule> all() {
        return Map.of(
                "Add", (layer, inputs, b) -> folded("Sum", layer, inputs, b),
                "Average", (layer, inputs, b) -> folded("Mean", layer, inputs, b),
                "Maximum", (layer, inputs, b) -> folded("Max", layer, inputs, b),
                "Minimum", (layer, inputs, b) -> folded("Min", layer, inputs, b),
                "Multiply", (layer, inputs, b) -> chained("Mul", layer, inputs, b),
                "Subtract", (layer, inputs, b) -> chained("Sub", layer, inputs, b),
                "Concatenate", MergeRules::concatenate);
    }

    private static void several(Layer layer, List<Value> inputs) throws KerasException {
        if (inputs.size() < 2) {
            throw layer.unsupported("it joins " + inputs.size() + " inputs");
        }
        for (var input : inputs) {
            if (input.rank() != inputs.getFirst().rank()) {
                throw layer.unsupported("its inputs have different numbers of dimensions");
            }
        }
    }

    private static Value folded(String operator, Layer layer, List<Value> inputs, Building b) throws KerasException {
        several(layer, inputs);
        var names = inputs.stream().map(b::floats).toList();
        return Value.floats(b.graph.node(operator, names, Map.of()), shape(inputs));
    }

    private static Value chained(String operator, Layer layer, List<Value> inputs, Building b) throws KerasException {
        several(layer, inputs);
        var result = b.floats(inputs.getFirst());
        for (var input : inputs.subList(1, inputs.size())) {
            result = b.graph.node(operator, result, b.floats(input));
        }
        return Value.floats(result, shape(inputs));
    }

    /** Sizes of 1 are stretched. */
    private static long[] shape(List<Value> inputs) {
        var shape = inputs.getFirst().sizes();
        for (var input : inputs) {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = shape[i] == 1 || shape[i] < 0 ? input.size(i) : shape[i];
            }
        }
        return shape;
    }

    private static Value concatenate(Layer layer, List<Value> inputs, Building b) throws KerasException {
        several(layer, inputs);
        int rank = inputs.getFirst().rank();
        int axis = layer.get("axis").asInt(-1);
        int at = axis < 0 ? rank + axis : axis - 1;
        if (at < 0 || at >= rank) {
            throw layer.unsupported("inputs cannot be joined along axis " + axis);
        }
        var names = new ArrayList<String>();
        var shape = inputs.getFirst().sizes();
        shape[at] = 0;
        for (var input : inputs) {
            names.add(b.floats(input));
            shape[at] = shape[at] < 0 || input.size(at) < 0 ? -1 : shape[at] + input.size(at);
        }
        return Value.floats(b.graph.node("Concat", names, Map.of("axis", at + 1L)), shape);
    }
}
