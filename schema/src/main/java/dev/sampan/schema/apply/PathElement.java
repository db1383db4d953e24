package dev.sampan.schema.apply;

import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** One step on the way to a field. */
sealed interface PathElement extends Comparable<PathElement> {

    /** A field of a struct or a key of a map. */
    record Field(String name) implements PathElement {

        @Override
        public String encode() {
            return "f:" + name;
        }

        @Override
        public String toString() {
            return "." + name;
        }
    }

    /** An item of an associative list, by its keys. */
    record Key(String encode, Map<String, JsonNode> keys) implements PathElement {

        static Key of(Map<String, JsonNode> keys) {
            var sorted = new TreeMap<>(keys);
            var json = JsonNodeFactory.instance.objectNode();
            sorted.forEach(json::set);
            return new Key("k:" + text(json), sorted);
        }

        @Override
        public String toString() {
            return keys.entrySet().stream()
                    .map(e -> e.getKey() + "=" + text(e.getValue()))
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }

    /** An item of a set. */
    record Value(String encode, JsonNode value) implements PathElement {

        static Value of(JsonNode value) {
            return new Value("v:" + text(value), value);
        }

        @Override
        public String toString() {
            return "[=" + text(value) + "]";
        }
    }

    /** An item of a list by position; written by nobody here, but read from managedFields. */
    record Index(int index) implements PathElement {

        @Override
        public String encode() {
            return "i:" + index;
        }

        @Override
        public String toString() {
            return "[" + index + "]";
        }
    }

    /** As FieldsV1 writes it. */
    String encode();

    /** @throws IllegalArgumentException for anything else than {@code f:}, {@code k:}, {@code v:}, {@code i:} */
    static PathElement decode(String text) {
        var body = text.length() > 2 ? text.substring(2) : "";
        if (text.startsWith("f:")) {
            return new Field(body);
        }
        if (text.startsWith("k:")) {
            var keys = new TreeMap<String, JsonNode>();
            json(body).properties().forEach(e -> keys.put(e.getKey(), e.getValue()));
            return Key.of(keys);
        }
        if (text.startsWith("v:")) {
            return Value.of(json(body));
        }
        if (text.startsWith("i:")) {
            return new Index(Integer.parseInt(body));
        }
        throw new IllegalArgumentException("unknown path element: " + text);
    }

    private static JsonNode json(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8)).tree();
    }

    private static String text(JsonNode node) {
        return new String(Json.write(node), StandardCharsets.UTF_8);
    }

    @Override
    default int compareTo(PathElement other) {
        return this instanceof Field a && other instanceof Field b
                ? a.name.compareTo(b.name)
                : encode().compareTo(other.encode());
    }
}
