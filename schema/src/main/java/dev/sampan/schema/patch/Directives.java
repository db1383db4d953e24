package dev.sampan.schema.patch;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The keys by which a strategic merge patch says more than its values do. */
final class Directives {

    static final String PATCH = "$patch";
    static final String RETAIN_KEYS = "$retainKeys";
    static final String SET_ELEMENT_ORDER = "$setElementOrder/";
    static final String DELETE_FROM_PRIMITIVE_LIST = "$deleteFromPrimitiveList/";

    private Directives() {}

    private static boolean isDirective(String name) {
        return name.equals(PATCH)
                || name.equals(RETAIN_KEYS)
                || name.startsWith(SET_ELEMENT_ORDER)
                || name.startsWith(DELETE_FROM_PRIMITIVE_LIST);
    }

    /** A value that has nothing to merge into: without directives and without nulls in maps. */
    static JsonNode drop(JsonNode value) {
        return switch (value) {
            case ObjectNode map -> {
                var copy = JsonNodeFactory.instance.objectNode();
                for (var entry : map.properties()) {
                    if (!isDirective(entry.getKey()) && !entry.getValue().isNull()) {
                        copy.set(entry.getKey(), drop(entry.getValue()));
                    }
                }
                yield copy;
            }
            case ArrayNode list -> {
                var copy = JsonNodeFactory.instance.arrayNode();
                for (var element : list) {
                    if (!element.has(PATCH)) {
                        copy.add(drop(element));
                    }
                }
                yield copy;
            }
            default -> value;
        };
    }
}
