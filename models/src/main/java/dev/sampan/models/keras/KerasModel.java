package dev.sampan.models.keras;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The layers of a Sequential or Functional model with their connections, in the file's order.
 *
 * @param inputs layers that the model's inputs are
 * @param outputs what the model answers
 */
record KerasModel(String name, List<Layer> layers, List<Ref> inputs, List<Ref> outputs) {

    /**
     * An output of a use of a layer; a layer that is used several times has several uses.
     *
     * @param use which of them
     */
    record Ref(String layer, int use) {}

    /** @param uses what each use of the layer takes */
    record Layer(String className, String name, JsonNode config, List<List<Ref>> uses) {

        /** The layer's entry of that name, which may be missing. */
        JsonNode get(String key) {
            return config.path(key);
        }

        KerasException unsupported(String what) {
            return new KerasException(
                    "layer '" + name + "' (" + className + "): " + what + "; its configuration is " + config);
        }
    }

    static KerasModel of(JsonNode root) throws KerasException {
        var config = root.path("config");
        var kind = root.path("class_name").asString("");
        return switch (kind) {
            case "Sequential" -> sequential(config);
            case "Functional", "Model" -> functional(config);
            default ->
                throw new KerasException("a model of class '" + kind
                        + "' is not supported: Sequential and Functional are; a model of its own class has no layers that"
                        + " a file could tell");
        };
    }

    private static KerasModel sequential(JsonNode config) throws KerasException {
        var entries = config.isArray() ? config : config.path("layers");
        var layers = new ArrayList<Layer>();
        @Nullable Ref previous = null;
        for (var entry : entries) {
            var layer = layer(entry, List.of(previous == null ? List.of() : List.of(previous)));
            if (previous == null && !layer.className.equals("InputLayer")) {
                var shape = layer.config.has("batch_input_shape") ? layer.config : built(layer, config);
                var input = new Layer("InputLayer", layer.name + "_input", shape, List.of(List.of()));
                layers.add(input);
                layer = layer(entry, List.of(List.of(new Ref(input.name, 0))));
            }
            layers.add(layer);
            previous = new Ref(layer.name, 0);
        }
        if (previous == null) {
            throw new KerasException("the model has no layers");
        }
        return new KerasModel(
                config.path("name").asString("sequential"),
                layers,
                List.of(new Ref(layers.getFirst().name, 0)),
                List.of(previous));
    }

    /** Where no layer tells the shape of the input, the model may. */
    private static JsonNode built(Layer first, JsonNode config) throws KerasException {
        var shape = config.path("build_input_shape");
        if (!shape.isArray()) {
            throw first.unsupported("neither it nor the model tells the shape of the input");
        }
        var copy = JsonNodeFactory.instance.objectNode();
        copy.set("batch_input_shape", shape);
        return copy;
    }

    private static KerasModel functional(JsonNode config) throws KerasException {
        var layers = new ArrayList<Layer>();
        for (var entry : config.path("layers")) {
            var uses = new ArrayList<List<Ref>>();
            for (var use : entry.path("inbound_nodes")) {
                var refs = new ArrayList<Ref>();
                collect(use, refs);
                uses.add(refs);
            }
            layers.add(layer(entry, uses));
        }
        return new KerasModel(
                config.path("name").asString("model"),
                layers,
                ends(config.path("input_layers")),
                ends(config.path("output_layers")));
    }

    /** One end alone is written without the list around it. */
    private static List<Ref> ends(JsonNode node) {
        var refs = new ArrayList<Ref>();
        if (node.path(0).isString()) {
            refs.add(new Ref(node.get(0).asString(), node.path(1).asInt(0)));
        } else {
            node.forEach(end -> refs.addAll(ends(end)));
        }
        return refs;
    }

    /** Keras 2 writes {@code ["layer", use, output, {}]}, Keras 3 objects with a {@code keras_history}. */
    private static void collect(JsonNode node, List<Ref> refs) {
        if (node.isArray()
                && node.size() >= 3
                && node.get(0).isString()
                && node.get(1).isInt()) {
            refs.add(new Ref(node.get(0).asString(), node.get(1).asInt()));
        } else if (node.isObject() && node.path("config").has("keras_history")) {
            collect(node.path("config").path("keras_history"), refs);
        } else if (node.isObject()) {
            node.path("args").forEach(argument -> collect(argument, refs));
        } else {
            node.forEach(element -> collect(element, refs));
        }
    }

    private static Layer layer(JsonNode entry, List<List<Ref>> uses) {
        var config = entry.path("config");
        return new Layer(
                entry.path("class_name").asString(""),
                config.path("name").asString(entry.path("name").asString("")),
                config,
                uses);
    }
}
