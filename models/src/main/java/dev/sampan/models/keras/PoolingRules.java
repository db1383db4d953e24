package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Poolings over windows and over everything. */
final class PoolingRules {
    private PoolingRules() {}

    static Map<String, LayerRule> all() {
        var rules = new HashMap<String, LayerRule.Single>();
        for (int dimensions = 1; dimensions <= 2; dimensions++) {
            int d = dimensions;
            rules.put("MaxPooling" + d + "D", (layer, in, b) -> pool("MaxPool", layer, in, b, d));
            rules.put("AveragePooling" + d + "D", (layer, in, b) -> pool("AveragePool", layer, in, b, d));
            rules.put("GlobalMaxPooling" + d + "D", (layer, in, b) -> reduce("ReduceMax", layer, in, b, d));
            rules.put("GlobalAveragePooling" + d + "D", (layer, in, b) -> reduce("ReduceMean", layer, in, b, d));
        }
        var all = new HashMap<String, LayerRule>();
        rules.forEach((name, rule) -> all.put(name, rule.rule()));
        return all;
    }

    private static Value pool(String operator, Layer layer, Value in, Building b, int dimensions)
            throws KerasException {
        ConvolutionRules.channelsLast(layer);
        var window = Window.of(layer, "pool_size", "strides", dimensions);
        var first = b.transpose(b.floats(in), window.channelsFirst());
        var pooled = b.graph.node(operator, List.of(first), window.attributes());
        return Value.floats(b.transpose(pooled, window.channelsLast()), window.output(in, in.last()));
    }

    private static Value reduce(String operator, Layer layer, Value in, Building b, int dimensions)
            throws KerasException {
        ConvolutionRules.channelsLast(layer);
        boolean keep = layer.get("keepdims").asBoolean(false);
        var axes = LongStream.rangeClosed(1, dimensions).toArray();
        var result = b.graph.node(operator, List.of(b.floats(in)), Map.of("axes", axes, "keepdims", keep ? 1L : 0L));
        var ones = LongStream.generate(() -> 1).limit(keep ? dimensions : 0);
        return Value.floats(
                result, LongStream.concat(ones, LongStream.of(in.last())).toArray());
    }
}
