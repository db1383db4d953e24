package dev.sampan.schema.patch;

import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The order of a merged list: the patch's items in the patch's order, the others where the original order puts them between
 * those.
 */
final class ListOrder {

    private ListOrder() {}

    static @Nullable String mergeKey(@Nullable Schema field) {
        return field == null ? null : field.patchMergeKey();
    }

    /** What names an element; a primitive names itself. */
    static JsonNode keyOf(JsonNode element, @Nullable String key) {
        if (key == null) {
            return element;
        }
        var value = element.get(key);
        if (value == null) {
            throw PatchException.unfit("map: " + element + " does not contain declared merge key: " + key);
        }
        return value;
    }

    private static Map<JsonNode, Integer> positions(ArrayNode order, @Nullable String key) {
        var positions = new HashMap<JsonNode, Integer>();
        for (int i = 0; i < order.size(); i++) {
            positions.putIfAbsent(keyOf(order.get(i), key), i);
        }
        return positions;
    }

    /**
     * @param merged all elements
     * @param patchOrder elements, or bare keys, in the order that the patch asks for
     * @param oldOrder the original list
     */
    static ArrayNode arrange(ArrayNode merged, ArrayNode patchOrder, ArrayNode oldOrder, @Nullable String key) {
        var wanted = positions(patchOrder, key);
        var old = positions(oldOrder, key);
        var ours = new ArrayList<JsonNode>();
        var others = new ArrayList<JsonNode>();
        merged.forEach(e -> (wanted.containsKey(keyOf(e, key)) ? ours : others).add(e));
        sort(ours, wanted, key);
        sort(others, old, key);
        var result = JsonNodeFactory.instance.arrayNode();
        int i = 0;
        int j = 0;
        while (i < others.size() || j < ours.size()) {
            if (j == ours.size() || i < others.size() && before(others.get(i), ours.get(j), old, key)) {
                result.add(others.get(i++));
            } else {
                result.add(ours.get(j++));
            }
        }
        return result;
    }

    private static void sort(List<JsonNode> elements, Map<JsonNode, Integer> order, @Nullable String key) {
        elements.sort((a, b) -> Integer.compare(
                order.getOrDefault(keyOf(a, key), Integer.MAX_VALUE),
                order.getOrDefault(keyOf(b, key), Integer.MAX_VALUE)));
    }

    private static boolean before(JsonNode a, JsonNode b, Map<JsonNode, Integer> old, @Nullable String key) {
        var left = old.get(keyOf(a, key));
        var right = old.get(keyOf(b, key));
        return left != null && right != null && left < right;
    }

    /** A {@code $setElementOrder} list names every element of the patch's list, in the same order. */
    static void check(ArrayNode patch, ArrayNode order, @Nullable String key) {
        var positions = positions(order, key);
        int last = -1;
        for (var element : patch) {
            if (element.has(Directives.PATCH)) {
                continue;
            }
            var position = positions.get(keyOf(element, key));
            if (position == null || position < last) {
                throw PatchException.unfit("The order in patch list:\n" + patch
                        + "\n doesn't match $setElementOrder list:\n" + order + "\n");
            }
            last = position;
        }
    }
}
