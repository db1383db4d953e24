package dev.sampan.schema.apply;

import dev.sampan.schema.Form;
import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How server-side apply sees a value: a leaf that has one owner, a map, or a list whose items have names. */
final class Shape {

    enum Kind {
        LEAF,
        MAP,
        LIST
    }

    private Shape() {}

    /** Of a value whose schema may be unknown; unknown maps are merged, unknown lists are leaves. */
    static Kind of(@Nullable Schema schema, JsonNode value) {
        return switch (value) {
            case ObjectNode map -> isAtomicMap(schema) ? Kind.LEAF : Kind.MAP;
            case ArrayNode list -> isMergedList(schema) ? Kind.LIST : Kind.LEAF;
            default -> Kind.LEAF;
        };
    }

    private static boolean isAtomicMap(@Nullable Schema schema) {
        if (schema == null) {
            return false;
        }
        return schema.atomicMap()
                || switch (schema.form()) {
                    case JSON, SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS, FIELDS -> true;
                    default -> false;
                };
    }

    private static boolean isMergedList(@Nullable Schema schema) {
        return schema != null
                && schema.form() == Form.PLAIN
                && (schema.listType() == Schema.ListType.MAP || schema.listType() == Schema.ListType.SET);
    }

    static @Nullable Schema field(@Nullable Schema schema, String name) {
        return schema == null ? null : schema.field(name);
    }

    /** Whether {@code name} is a field of a struct and not a key of the user's choice. */
    static boolean isStructField(@Nullable Schema schema, String name) {
        return schema != null && schema.properties().containsKey(name);
    }

    /** What names an item of a merged list. @throws ApplyException when its keys are missing */
    static PathElement element(Schema list, JsonNode item, String path) {
        if (list.listType() == Schema.ListType.SET) {
            return PathElement.Value.of(item);
        }
        var keys = new TreeMap<String, JsonNode>();
        for (var name : list.listMapKeys()) {
            var value = item.get(name);
            if (value == null || value.isNull()) {
                var field = list.items() == null ? null : list.items().field(name);
                value = field == null ? null : field.defaultValue();
            }
            if (value != null) {
                keys.put(name, value);
            } else if (list.listMapKeys().size() == 1) {
                throw new ApplyException(path + ": associative list with keys has an element that omits key field \""
                        + name + "\" (and doesn't have default value)");
            }
        }
        return PathElement.Key.of(keys);
    }

    /** The items of a merged list by their names, the first of duplicates winning. */
    static Map<PathElement, JsonNode> items(Schema list, @Nullable JsonNode value, String path) {
        var items = new LinkedHashMap<PathElement, JsonNode>();
        if (value != null) {
            value.forEach(item -> items.putIfAbsent(element(list, item, path), item));
        }
        return items;
    }

    static List<PathElement> then(List<PathElement> path, PathElement next) {
        var longer = new ArrayList<>(path);
        longer.add(next);
        return longer;
    }
}
