package dev.sampan.schema.patch;

import static dev.sampan.schema.patch.Directives.DELETE_FROM_PRIMITIVE_LIST;
import static dev.sampan.schema.patch.Directives.PATCH;
import static dev.sampan.schema.patch.Directives.RETAIN_KEYS;
import static dev.sampan.schema.patch.Directives.SET_ELEMENT_ORDER;

import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubernetes' strategic merge patch with all its directives; built-in kinds only. The rules are those of
 * {@code k8s.io/apimachinery/pkg/util/strategicpatch}, of which kubectl has its own copy.
 */
public final class StrategicMergePatch {

    private StrategicMergePatch() {}

    /**
     * Returns {@code original} with {@code patch} merged in by the schema's merge keys; the arguments stay as they are.
     *
     * @throws PatchException when the patch is malformed or does not fit
     */
    public static JsonNode apply(JsonNode original, JsonNode patch, Schema schema) {
        if (!patch.isObject() || !original.isObject()) {
            throw PatchException.malformed("strategic merge patch format is not supported");
        }
        return mergeMap((ObjectNode) original.deepCopy(), (ObjectNode) patch.deepCopy(), schema);
    }

    static ObjectNode mergeMap(ObjectNode original, ObjectNode patch, @Nullable Schema schema) {
        var directive = patch.remove(PATCH);
        if (directive != null) {
            switch (directive.asString("")) {
                case "replace" -> {
                    return patch;
                }
                case "delete" -> {
                    return JsonNodeFactory.instance.objectNode();
                }
                case "merge" -> {}
                default -> throw PatchException.unfit("unknown patch type: " + directive + " in map: " + patch);
            }
        }
        retainKeys(original, patch);
        orderedLists(original, patch, schema);
        for (var entry : List.copyOf(patch.properties())) {
            mergeField(original, entry.getKey(), entry.getValue(), schema);
        }
        return original;
    }

    private static void mergeField(ObjectNode original, String name, JsonNode value, @Nullable Schema schema) {
        if (name.startsWith(DELETE_FROM_PRIMITIVE_LIST)) {
            deleteFromList(original, name.substring(DELETE_FROM_PRIMITIVE_LIST.length()), value);
            return;
        }
        if (value.isNull()) {
            original.remove(name);
            return;
        }
        var old = original.get(name);
        var field = schema == null ? null : schema.field(name);
        var replace = field != null && field.patchStrategies().contains("replace");
        if (old instanceof ObjectNode oldMap && value instanceof ObjectNode map && !replace) {
            original.set(name, mergeMap(oldMap, map, field));
        } else if (old instanceof ArrayNode oldList && value instanceof ArrayNode list) {
            original.set(name, mergeList(oldList, list, field));
        } else {
            original.set(name, Directives.drop(value));
        }
    }

    private static void retainKeys(ObjectNode original, ObjectNode patch) {
        var directive = patch.remove(RETAIN_KEYS);
        if (directive == null) {
            return;
        }
        if (!directive.isArray()) {
            throw PatchException.malformed("invalid patch format of retainKeys");
        }
        var retained = new HashSet<String>();
        directive.forEach(k -> retained.add(k.asString("")));
        for (var entry : patch.properties()) {
            var name = entry.getKey();
            var exempt = entry.getValue().isNull()
                    || name.startsWith(DELETE_FROM_PRIMITIVE_LIST)
                    || name.startsWith(SET_ELEMENT_ORDER);
            if (!exempt && !retained.contains(name)) {
                throw PatchException.malformed("invalid patch format of retainKeys");
            }
        }
        original.retain(retained);
    }

    private static void deleteFromList(ObjectNode original, String name, JsonNode values) {
        if (!values.isArray()) {
            throw PatchException.malformed("invalid patch format of primitive list");
        }
        if (original.get(name) instanceof ArrayNode list) {
            var deleted = new HashSet<JsonNode>();
            values.forEach(deleted::add);
            list.removeIf(deleted::contains);
        }
    }

    /** Merges the lists that have a {@code $setElementOrder} beside them and takes both out of the patch. */
    private static void orderedLists(ObjectNode original, ObjectNode patch, @Nullable Schema schema) {
        for (var entry : List.copyOf(patch.properties())) {
            if (!entry.getKey().startsWith(SET_ELEMENT_ORDER)) {
                continue;
            }
            patch.remove(entry.getKey());
            if (!(entry.getValue() instanceof ArrayNode order)) {
                throw PatchException.malformed("invalid patch format of setElementOrder list");
            }
            var name = entry.getKey().substring(SET_ELEMENT_ORDER.length());
            var old = list(original.get(name), name);
            var change = list(patch.get(name), name);
            patch.remove(name);
            if (old == null && change == null) {
                continue;
            }
            var field = schema == null ? null : schema.field(name);
            var key = ListOrder.mergeKey(field);
            if (change != null) {
                ListOrder.check(change, order, key);
            }
            var before = old == null ? JsonNodeFactory.instance.arrayNode() : old.deepCopy();
            var merged = merged(old, change, field);
            original.set(name, ListOrder.arrange(merged, order, before, key));
        }
    }

    private static ArrayNode merged(@Nullable ArrayNode old, @Nullable ArrayNode change, @Nullable Schema field) {
        if (change == null) {
            return old == null ? JsonNodeFactory.instance.arrayNode() : old;
        }
        return old == null ? (ArrayNode) Directives.drop(change) : mergeList(old, change, field);
    }

    private static @Nullable ArrayNode list(@Nullable JsonNode value, String name) {
        if (value == null || value.isNull()) {
            return null;
        }
        if (value instanceof ArrayNode array) {
            return array;
        }
        throw PatchException.unfit("expected a list, but received a " + value.getNodeType() + " in " + name);
    }

    private static ArrayNode mergeList(ArrayNode original, ArrayNode patch, @Nullable Schema field) {
        if (field == null || !field.patchStrategies().contains("merge")) {
            return (ArrayNode) Directives.drop(patch);
        }
        if (original.isEmpty() && patch.isEmpty()) {
            return original;
        }
        if (hasLists(original) || hasLists(patch)) {
            throw PatchException.unfit("lists of lists are not supported");
        }
        var key = ListOrder.mergeKey(field);
        var before = original.deepCopy();
        if (key == null) {
            return ListOrder.arrange(union(original, patch), patch, before, null);
        }
        var changes = specialElements(original, patch, key);
        if (changes == null) {
            return (ArrayNode) Directives.drop(patch);
        }
        for (var change : changes) {
            mergeElement(original, change, key, field.items());
        }
        return ListOrder.arrange(original, changes, before, key);
    }

    private static boolean hasLists(ArrayNode list) {
        return list.valueStream().anyMatch(JsonNode::isArray);
    }

    private static ArrayNode union(ArrayNode original, ArrayNode patch) {
        var seen = new HashSet<JsonNode>();
        var union = JsonNodeFactory.instance.arrayNode();
        for (var list : List.of(original, patch)) {
            list.forEach(v -> {
                if (seen.add(v)) {
                    union.add(v);
                }
            });
        }
        return union;
    }

    /** Carries out {@code $patch} elements; returns the others, or null when one says that the patch replaces the list. */
    private static @Nullable ArrayNode specialElements(ArrayNode original, ArrayNode patch, String key) {
        var others = JsonNodeFactory.instance.arrayNode();
        var replace = false;
        for (var element : patch) {
            if (!element.isObject()) {
                throw PatchException.unfit("expected a map, but received a " + element.getNodeType());
            }
            var directive = element.get(PATCH);
            if (directive == null) {
                others.add(element);
                continue;
            }
            switch (directive.asString("")) {
                case "delete" -> {
                    var deleted = ListOrder.keyOf(element, key);
                    original.removeIf(e -> deleted.equals(e.get(key)));
                }
                case "replace" -> replace = true;
                case "merge" -> throw PatchException.unfit("merging lists cannot yet be specified in the patch");
                default -> throw PatchException.unfit("unknown patch type: " + directive + " in map: " + element);
            }
        }
        return replace ? null : others;
    }

    private static void mergeElement(ArrayNode original, JsonNode change, String key, @Nullable Schema item) {
        var name = ListOrder.keyOf(change, key);
        var matches = new ArrayList<Integer>();
        for (int i = 0; i < original.size(); i++) {
            if (name.equals(original.get(i).get(key))) {
                matches.add(i);
            }
        }
        if (matches.isEmpty()) {
            original.add(Directives.drop(change));
            return;
        }
        for (int i : matches) {
            original.set(i, mergeMap((ObjectNode) original.get(i), (ObjectNode) change.deepCopy(), item));
        }
    }
}
