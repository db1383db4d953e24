package dev.sampan.schema.apply;

import dev.sampan.schema.Schema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Merges an applied configuration into the live object: the configuration wins, lists keep an order that suits both. */
public final class Merge {

    private Merge() {}

    /** The merged object; neither argument is changed, parts of both may be shared. */
    public static ObjectNode merge(ObjectNode live, ObjectNode applied, Schema schema) {
        return (ObjectNode) value(live, applied, schema, "");
    }

    private static JsonNode value(
            @Nullable JsonNode live, @Nullable JsonNode applied, @Nullable Schema schema, String path) {
        if (applied == null) {
            return Typed.orNull(live);
        }
        if (live == null || Shape.of(schema, live) != Shape.of(schema, applied)) {
            return applied;
        }
        return switch (Shape.of(schema, applied)) {
            case LEAF -> applied;
            case MAP -> map(live, applied, schema, path);
            case LIST -> list(live, applied, schema, path);
        };
    }

    private static ObjectNode map(JsonNode live, JsonNode applied, @Nullable Schema schema, String path) {
        var merged = JsonNodeFactory.instance.objectNode();
        for (var entry : live.properties()) {
            var name = entry.getKey();
            merged.set(name, value(entry.getValue(), applied.get(name), Shape.field(schema, name), path + "." + name));
        }
        for (var entry : applied.properties()) {
            if (!live.has(entry.getKey())) {
                merged.set(entry.getKey(), entry.getValue());
            }
        }
        return merged;
    }

    private static ArrayNode list(JsonNode live, JsonNode applied, @Nullable Schema schema, String path) {
        if (schema == null) {
            throw new IllegalStateException("only lists with a schema are merged");
        }
        var left = Shape.items(schema, live, path);
        var right = Shape.items(schema, applied, path);
        var merged = JsonNodeFactory.instance.arrayNode();
        for (var element : order(left, right)) {
            merged.add(value(left.get(element), right.get(element), schema.items(), path + element));
        }
        return merged;
    }

    /** Applied items in their order; the others stay before the shared item that they stood before. */
    private static List<PathElement> order(Map<PathElement, JsonNode> left, Map<PathElement, JsonNode> right) {
        var shared = new ArrayDeque<PathElement>(
                right.keySet().stream().filter(left::containsKey).toList());
        var lefts = new ArrayDeque<>(left.keySet());
        var rights = new ArrayDeque<>(right.keySet());
        Set<PathElement> done = new HashSet<>();
        var order = new ArrayList<PathElement>();
        while (!lefts.isEmpty() || !rights.isEmpty()) {
            var l = lefts.peek();
            var r = rights.peek();
            if (l != null && l.equals(r)) {
                order.add(l);
                done.add(l);
                lefts.poll();
                rights.poll();
                shared.poll();
            } else if (l != null
                    && r != null
                    && right.containsKey(l)
                    && shared.peek() != null
                    && !l.equals(shared.peek())) {
                lefts.poll(); // shared, but not the next one in the applied order
            } else if (l != null && !right.containsKey(l)) {
                order.add(l);
                lefts.poll();
            } else {
                if (l != null && done.contains(l)) {
                    lefts.poll();
                }
                if (r != null) {
                    order.add(r);
                    done.add(r);
                    rights.poll();
                    if (r.equals(shared.peek())) {
                        shared.poll();
                    }
                }
            }
        }
        return order;
    }
}
