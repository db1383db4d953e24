package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/**
 * What a convolution or a pooling looks at.
 *
 * @param padding {@code valid}, {@code same} or {@code causal}
 */
record Window(long[] sizes, long[] strides, long[] dilations, String padding) {
    /** A single pixel. */
    static final Window ONE = new Window(new long[] {1, 1}, new long[] {1, 1}, new long[] {1, 1}, "valid");

    static Window of(Layer layer, String sizeKey, String strideKey, int dimensions) throws KerasException {
        long[] sizes = numbers(layer.get(sizeKey), dimensions, 2);
        var strides = layer.get(strideKey);
        var padding = layer.get("padding").asString("valid");
        boolean causal = padding.equals("causal") && dimensions == 1;
        if (!padding.equals("valid") && !padding.equals("same") && !causal) {
            throw layer.unsupported("padding '" + padding + "' is not supported");
        }
        return new Window(
                sizes,
                // Without strides a pooling moves by its own size.
                strides.isNull() || strides.isMissingNode() ? sizes : numbers(strides, dimensions, 1),
                numbers(layer.get("dilation_rate"), dimensions, 1),
                padding);
    }

    static long[] numbers(JsonNode node, int count, long otherwise) {
        var numbers = new long[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (node.isArray() ? node.path(i) : node).asLong(otherwise);
        }
        return numbers;
    }

    /** Of the ONNX operator. */
    Map<String, Object> attributes() {
        var attributes = new HashMap<String, Object>();
        attributes.put("kernel_shape", sizes);
        attributes.put("strides", strides);
        if (padding.equals("same") && LongStream.of(dilations).anyMatch(d -> d > 1)) {
            // ONNX Runtime pads by itself only without dilation; Keras has no strides with it.
            attributes.put("pads", pads());
        } else {
            attributes.put("auto_pad", padding.equals("same") ? "SAME_UPPER" : "VALID");
        }
        return attributes;
    }

    /** Before all dimensions, then after them; the odd one comes after. */
    private long[] pads() {
        var pads = new long[2 * sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            long all = (sizes[i] - 1) * dilations[i];
            pads[i] = all / 2;
            pads[sizes.length + i] = all - all / 2;
        }
        return pads;
    }

    /** Shape of what comes out, channels last. */
    long[] output(Value in, long channels) {
        var shape = new long[sizes.length + 1];
        for (int i = 0; i < sizes.length; i++) {
            long size = in.size(i);
            long reach = (sizes[i] - 1) * dilations[i];
            shape[i] = size < 0 ? -1 : Math.ceilDiv(padding.equals("valid") ? size - reach : size, strides[i]);
        }
        shape[sizes.length] = channels;
        return shape;
    }

    long[] channelsFirst() {
        var permutation = new long[sizes.length + 2];
        Arrays.setAll(permutation, i -> i == 0 ? 0 : i == 1 ? sizes.length + 1 : i - 1);
        return permutation;
    }

    long[] channelsLast() {
        var permutation = new long[sizes.length + 2];
        Arrays.setAll(permutation, i -> i == 0 ? 0 : i == sizes.length + 1 ? 1 : i + 1);
        return permutation;
    }
}
