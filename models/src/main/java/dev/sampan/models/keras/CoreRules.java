package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import dev.sampan.models.onnx.Onnx.TensorProto.DataType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Layers that work on each value, on the last dimension, or on the shape alone. */
final class CoreRules {
    private CoreRules() {}

    static Map<String, LayerRule> all() {
        var rules = new HashMap<String, LayerRule.Single>();
        rules.put("Dense", CoreRules::dense);
        rules.put("Activation", (layer, in, b) -> same(in, b.activation(layer, "activation", b.floats(in))));
        rules.put("ReLU", CoreRules::relu);
        rules.put("LeakyReLU", CoreRules::leakyRelu);
        rules.put(
                "ELU",
                (layer, in, b) -> same(in, b.graph.node("Elu", List.of(b.floats(in)), Map.of("alpha", (float)
                        layer.get("alpha").asDouble(1)))));
        rules.put("Softmax", CoreRules::softmax);
        rules.put("BatchNormalization", CoreRules::batchNormalization);
        rules.put("LayerNormalization", CoreRules::layerNormalization);
        rules.put("Rescaling", CoreRules::rescaling);
        rules.put("Embedding", CoreRules::embedding);
        rules.put("Flatten", CoreRules::flatten);
        rules.put("Reshape", CoreRules::reshape);
        rules.put("Permute", CoreRules::permute);
        rules.put("RepeatVector", CoreRules::repeatVector);
        for (var onlyTraining : List.of(
                "Dropout",
                "SpatialDropout1D",
                "SpatialDropout2D",
                "GaussianNoise",
                "GaussianDropout",
                "AlphaDropout",
                "ActivityRegularization")) {
            rules.put(onlyTraining, (layer, in, b) -> in);
        }
        var all = new HashMap<String, LayerRule>();
        rules.forEach((name, rule) -> all.put(name, rule.rule()));
        return all;
    }

    private static Value same(Value input, String name) {
        return Value.floats(name, input.sizes());
    }

    private static Value dense(Layer layer, Value in, Building b) throws KerasException {
        boolean bias = layer.get("use_bias").asBoolean(true);
        var weights = b.weights(layer, bias ? 2 : 1);
        var sum = b.graph.node("MatMul", b.floats(in), b.constant(weights.getFirst()));
        if (bias) {
            sum = b.graph.node("Add", sum, b.constant(weights.get(1)));
        }
        return Value.floats(
                b.activation(layer, "activation", sum),
                in.withLast(weights.getFirst().shape()[1]));
    }

    private static Value relu(Layer layer, Value in, Building b) throws KerasException {
        if (layer.get("threshold").asDouble(0) != 0) {
            throw layer.unsupported("a threshold is not supported");
        }
        double slope = layer.get("negative_slope").asDouble(0);
        var value = slope == 0
                ? b.graph.node("Relu", b.floats(in))
                : b.graph.node("LeakyRelu", List.of(b.floats(in)), Map.of("alpha", (float) slope));
        var most = layer.get("max_value");
        return same(
                in, most.isNumber() ? b.graph.node("Min", value, b.graph.constant((float) most.asDouble())) : value);
    }

    private static Value leakyRelu(Layer layer, Value in, Building b) {
        // Keras 2 called it alpha.
        double slope = layer.get("negative_slope").asDouble(layer.get("alpha").asDouble(0.3));
        return same(in, b.graph.node("LeakyRelu", List.of(b.floats(in)), Map.of("alpha", (float) slope)));
    }

    private static Value softmax(Layer layer, Value in, Building b) throws KerasException {
        if (layer.get("axis").isArray()) {
            throw layer.unsupported("a softmax over several axes is not supported");
        }
        return same(in, b.softmax(b.floats(in), layer.get("axis").asLong(-1)));
    }

    /** With trained moments it is a factor and an offset for each channel. */
    private static Value batchNormalization(Layer layer, Value in, Building b) throws KerasException {
        boolean scale = layer.get("scale").asBoolean(true);
        boolean center = layer.get("center").asBoolean(true);
        var weights = b.weights(layer, 2 + (scale ? 1 : 0) + (center ? 1 : 0));
        var mean = weights.get(weights.size() - 2).values();
        var variance = weights.getLast().values();
        double epsilon = layer.get("epsilon").asDouble(1e-3);
        var factor = new float[mean.length];
        var offset = new float[mean.length];
        for (int i = 0; i < mean.length; i++) {
            double gamma = scale ? weights.getFirst().values()[i] : 1;
            double beta = center ? weights.get(scale ? 1 : 0).values()[i] : 0;
            double f = gamma / Math.sqrt(variance[i] + epsilon);
            factor[i] = (float) f;
            offset[i] = (float) (beta - mean[i] * f);
        }
        long[] shape = channels(in, axis(layer, in), mean.length);
        var scaled = b.graph.node("Mul", b.floats(in), b.graph.constant(factor, shape));
        return same(in, b.graph.node("Add", scaled, b.graph.constant(offset, shape)));
    }

    /** Axis of the layer, counted with the batch, from 1. */
    private static int axis(Layer layer, Value in) throws KerasException {
        var node = layer.get("axis");
        if (node.isArray() && node.size() != 1) {
            throw layer.unsupported("several axes are not supported");
        }
        int axis = (node.isArray() ? node.get(0) : node).asInt(-1);
        return axis < 0 ? in.rank() + 1 + axis : axis;
    }

    /** A shape of ones with the channels where they belong, for broadcasting over a batch. */
    private static long[] channels(Value in, int axis, int count) {
        var shape = new long[in.rank() + 1];
        Arrays.fill(shape, 1);
        shape[axis] = count;
        return shape;
    }

    private static Value layerNormalization(Layer layer, Value in, Building b) throws KerasException {
        if (axis(layer, in) != in.rank()) {
            throw layer.unsupported("only the last axis is supported");
        }
        boolean scale = layer.get("scale").asBoolean(true);
        boolean center = layer.get("center").asBoolean(true);
        var weights = b.weights(layer, (scale ? 1 : 0) + (center ? 1 : 0));
        var value = b.floats(in);
        Map<String, Object> last = Map.of("axes", new long[] {-1}, "keepdims", 1L);
        var centred = b.graph.node("Sub", value, b.graph.node("ReduceMean", List.of(value), last));
        var variance = b.graph.node("ReduceMean", List.of(b.graph.node("Mul", centred, centred)), last);
        var epsilon = b.graph.constant((float) layer.get("epsilon").asDouble(1e-3));
        var deviation = b.graph.node("Sqrt", b.graph.node("Add", variance, epsilon));
        var result = b.graph.node("Div", centred, deviation);
        if (scale) {
            result = b.graph.node("Mul", result, b.constant(weights.getFirst()));
        }
        if (center) {
            result = b.graph.node("Add", result, b.constant(weights.getLast()));
        }
        return same(in, result);
    }

    private static Value rescaling(Layer layer, Value in, Building b) {
        var scaled = b.graph.node(
                "Mul", b.floats(in), b.graph.constant((float) layer.get("scale").asDouble(1)));
        return same(in, b.graph.node("Add", scaled, b.graph.constant((float)
                layer.get("offset").asDouble(0))));
    }

    private static Value embedding(Layer layer, Value in, Building b) throws KerasException {
        if (layer.get("mask_zero").asBoolean(false)) {
            throw layer.unsupported("masks (mask_zero) are not supported");
        }
        var table = b.weights(layer, 1).getFirst();
        var index = in.type() == DataType.INT32 || in.type() == DataType.INT64
                ? in.name()
                : b.cast(in.name(), DataType.INT64);
        var shape = LongStream.concat(Arrays.stream(in.sizes()), LongStream.of(table.shape()[1]))
                .toArray();
        return Value.floats(b.graph.node("Gather", b.constant(table), index), shape);
    }

    private static Value flatten(Layer layer, Value in, Building b) throws KerasException {
        if (layer.get("data_format").asString("channels_last").equals("channels_first")) {
            throw layer.unsupported("data_format channels_first is not supported");
        }
        long size = in.shape().stream().anyMatch(s -> s < 0)
                ? -1
                : in.shape().stream().mapToLong(s -> s).reduce(1, Math::multiplyExact);
        return new Value(b.graph.node("Flatten", List.of(in.name()), Map.of("axis", 1L)), in.type(), List.of(size));
    }

    private static Value reshape(Layer layer, Value in, Building b) {
        var target = layer.get("target_shape")
                .valueStream()
                .mapToLong(n -> n.asLong())
                .toArray();
        // 0 takes the size of the batch over.
        var shape = LongStream.concat(LongStream.of(0), Arrays.stream(target)).toArray();
        long known = Arrays.stream(target).filter(size -> size > 0).reduce(1, Math::multiplyExact);
        long all = in.shape().stream().mapToLong(s -> s).reduce(1, (x, y) -> x < 0 || y < 0 ? -1 : x * y);
        var sizes = Arrays.stream(target)
                .mapToObj(size -> size >= 0 ? size : all < 0 ? -1L : all / known)
                .toList();
        return new Value(b.graph.node("Reshape", in.name(), b.graph.integers(shape)), in.type(), sizes);
    }

    private static Value permute(Layer layer, Value in, Building b) {
        var order = layer.get("dims").valueStream().mapToInt(n -> n.asInt()).toArray();
        var permutation = IntStream.concat(IntStream.of(0), IntStream.of(order))
                .asLongStream()
                .toArray();
        var sizes = IntStream.of(order).mapToObj(d -> in.size(d - 1)).toList();
        return new Value(b.transpose(in.name(), permutation), in.type(), sizes);
    }

    private static Value repeatVector(Layer layer, Value in, Building b) {
        long count = layer.get("n").asLong();
        var column = b.graph.node("Unsqueeze", in.name(), b.graph.integers(1));
        return new Value(
                b.graph.node("Tile", column, b.graph.integers(1, count, 1)), in.type(), List.of(count, in.last()));
    }
}
