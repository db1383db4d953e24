package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Convolutions, and layers that add to or take from the edges of images. */
final class ConvolutionRules {
    private ConvolutionRules() {}

    static Map<String, LayerRule> all() {
        var rules = new HashMap<String, LayerRule.Single>();
        rules.put("Conv1D", (layer, in, b) -> convolution(layer, in, b, 1));
        rules.put("Conv2D", (layer, in, b) -> convolution(layer, in, b, 2));
        rules.put("DepthwiseConv2D", ConvolutionRules::depthwise);
        rules.put("SeparableConv2D", ConvolutionRules::separable);
        rules.put("Conv2DTranspose", (layer, in, b) -> {
            throw layer.unsupported("transposed convolutions are not supported");
        });
        rules.put("ZeroPadding1D", (layer, in, b) -> padding(layer, in, b, 1));
        rules.put("ZeroPadding2D", (layer, in, b) -> padding(layer, in, b, 2));
        rules.put("Cropping2D", ConvolutionRules::cropping);
        rules.put("UpSampling2D", ConvolutionRules::upSampling);
        var all = new HashMap<String, LayerRule>();
        rules.forEach((name, rule) -> all.put(name, rule.rule()));
        return all;
    }

    static void channelsLast(Layer layer) throws KerasException {
        if (layer.get("data_format").asString("channels_last").equals("channels_first")) {
            throw layer.unsupported("data_format channels_first is not supported");
        }
    }

    private static Value convolution(Layer layer, Value in, Building b, int dimensions) throws KerasException {
        boolean bias = layer.get("use_bias").asBoolean(true);
        var weights = b.weights(layer, bias ? 2 : 1);
        var window = Window.of(layer, "kernel_size", "strides", dimensions);
        var kernel = weights.getFirst();
        int filters = kernel.shape()[dimensions + 1];
        var result = convolve(
                layer,
                in,
                b,
                window,
                filtersFirst(kernel, dimensions),
                bias ? weights.get(1) : null,
                layer.get("groups").asLong(1));
        return Value.floats(b.activation(layer, "activation", result), window.output(in, filters));
    }

    /** A kernel in ONNX's order: filters, channels, then the window. */
    private static Weights filtersFirst(Weights kernel, int dimensions) {
        int[] shape = kernel.shape();
        int window = Arrays.stream(shape, 0, dimensions).reduce(1, Math::multiplyExact);
        int channels = shape[dimensions];
        int filters = shape[dimensions + 1];
        var values = new float[kernel.values().length];
        for (int w = 0; w < window; w++) {
            for (int c = 0; c < channels; c++) {
                for (int f = 0; f < filters; f++) {
                    values[(f * channels + c) * window + w] = kernel.values()[(w * channels + c) * filters + f];
                }
            }
        }
        var order = new int[dimensions + 2];
        order[0] = filters;
        order[1] = channels;
        System.arraycopy(shape, 0, order, 2, dimensions);
        return new Weights(kernel.name(), order, values);
    }

    private static String convolve(
            Layer layer, Value in, Building b, Window window, Weights kernel, @Nullable Weights bias, long groups)
            throws KerasException {
        channelsLast(layer);
        var attributes = new HashMap<String, Object>(window.attributes());
        attributes.put("dilations", window.dilations());
        attributes.put("group", groups);
        var first = b.transpose(padded(b.floats(in), b, window), window.channelsFirst());
        var inputs = bias == null
                ? List.of(first, b.constant(kernel))
                : List.of(first, b.constant(kernel), b.constant(bias));
        return b.transpose(b.graph.node("Conv", inputs, attributes), window.channelsLast());
    }

    /** Causal convolutions see nothing of what comes later: all the padding is in front. */
    private static String padded(String value, Building b, Window window) {
        if (!window.padding().equals("causal")) {
            return value;
        }
        long front = window.dilations()[0] * (window.sizes()[0] - 1);
        return b.graph.node("Pad", value, b.graph.integers(0, front, 0, 0, 0, 0));
    }

    private static Value depthwise(Layer layer, Value in, Building b) throws KerasException {
        boolean bias = layer.get("use_bias").asBoolean(true);
        var weights = b.weights(layer, bias ? 2 : 1);
        var window = Window.of(layer, "kernel_size", "strides", 2);
        var kernel = weights.getFirst();
        var result = convolve(layer, in, b, window, depthwiseKernel(kernel), bias ? weights.get(1) : null, in.last());
        return Value.floats(
                b.activation(layer, "activation", result),
                window.output(in, (long) kernel.shape()[2] * kernel.shape()[3]));
    }

    /** Keras' order is window, channel, multiple; ONNX has a filter for each channel and multiple. */
    private static Weights depthwiseKernel(Weights kernel) {
        int[] shape = kernel.shape();
        int window = shape[0] * shape[1];
        int filters = shape[2] * shape[3];
        var values = new float[kernel.values().length];
        for (int w = 0; w < window; w++) {
            for (int f = 0; f < filters; f++) {
                values[f * window + w] = kernel.values()[w * filters + f];
            }
        }
        return new Weights(kernel.name(), new int[] {filters, 1, shape[0], shape[1]}, values);
    }

    private static Value separable(Layer layer, Value in, Building b) throws KerasException {
        boolean bias = layer.get("use_bias").asBoolean(true);
        var weights = b.weights(layer, bias ? 3 : 2);
        var window = Window.of(layer, "kernel_size", "strides", 2);
        var depthwise = weights.getFirst();
        long between = (long) depthwise.shape()[2] * depthwise.shape()[3];
        var inner = Value.floats(
                convolve(layer, in, b, window, depthwiseKernel(depthwise), null, in.last()),
                window.output(in, between));
        var pointwise = weights.get(1);
        var result = convolve(layer, inner, b, Window.ONE, filtersFirst(pointwise, 2), bias ? weights.get(2) : null, 1);
        return Value.floats(
                b.activation(layer, "activation", result),
                inner.withLast(pointwise.shape()[3]));
    }

    /** Pairs for each dimension: {@code 2}, {@code [1, 2]} or {@code [[1, 1], [2, 2]]}. */
    private static long[][] edges(JsonNode node, int dimensions) {
        var edges = new long[dimensions][];
        for (int i = 0; i < dimensions; i++) {
            var edge = node.isArray() && dimensions > 1 ? node.path(i) : node;
            edges[i] = edge.isArray()
                    ? new long[] {edge.path(0).asLong(), edge.path(1).asLong()}
                    : new long[] {edge.asLong(1), edge.asLong(1)};
        }
        return edges;
    }

    private static Value padding(Layer layer, Value in, Building b, int dimensions) throws KerasException {
        channelsLast(layer);
        var edges = edges(layer.get("padding"), dimensions);
        var pads = new long[2 * (dimensions + 2)];
        var shape = in.sizes();
        for (int i = 0; i < dimensions; i++) {
            pads[i + 1] = edges[i][0];
            pads[dimensions + 2 + i + 1] = edges[i][1];
            shape[i] = shape[i] < 0 ? -1 : shape[i] + edges[i][0] + edges[i][1];
        }
        return Value.floats(b.graph.node("Pad", b.floats(in), b.graph.integers(pads)), shape);
    }

    private static Value cropping(Layer layer, Value in, Building b) throws KerasException {
        channelsLast(layer);
        var edges = edges(layer.get("cropping"), 2);
        var shape = in.sizes();
        for (int i = 0; i < 2; i++) {
            shape[i] = shape[i] < 0 ? -1 : shape[i] - edges[i][0] - edges[i][1];
        }
        // An end of 0 would cut everything; the largest number means to the end.
        long[] ends = LongStream.of(edges[0][1], edges[1][1])
                .map(end -> end == 0 ? Long.MAX_VALUE : -end)
                .toArray();
        return Value.floats(
                b.graph.node(
                        "Slice",
                        b.floats(in),
                        b.graph.integers(edges[0][0], edges[1][0]),
                        b.graph.integers(ends),
                        b.graph.integers(1, 2)),
                shape);
    }

    private static Value upSampling(Layer layer, Value in, Building b) throws KerasException {
        channelsLast(layer);
        var method = layer.get("interpolation").asString("nearest");
        if (!method.equals("nearest") && !method.equals("bilinear")) {
            throw layer.unsupported("interpolation '" + method + "' is not supported");
        }
        long[] size = Window.numbers(layer.get("size"), 2, 2);
        var shape = in.sizes();
        for (int i = 0; i < 2; i++) {
            shape[i] = shape[i] < 0 ? -1 : shape[i] * size[i];
        }
        var first = b.transpose(b.floats(in), 0, 3, 1, 2);
        var scales = b.graph.constant(new float[] {1, 1, size[0], size[1]}, 4);
        Map<String, Object> attributes = method.equals("nearest")
                ? Map.of("mode", "nearest", "coordinate_transformation_mode", "asymmetric", "nearest_mode", "floor")
                : Map.of("mode", "linear", "coordinate_transformation_mode", "half_pixel");
        var resized = b.graph.node("Resize", List.of(first, "", scales), attributes);
        return Value.floats(b.transpose(resized, 0, 2, 3, 1), shape);
    }
}
