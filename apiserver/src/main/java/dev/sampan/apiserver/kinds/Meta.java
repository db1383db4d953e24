package dev.sampan.apiserver.kinds;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Reads the parts of an object that every kind has. Absent strings are empty. */
public final class Meta {

    private Meta() {}

    public static String name(JsonNode object) {
        return text(object, "metadata", "name");
    }

    public static String namespace(JsonNode object) {
        return text(object, "metadata", "namespace");
    }

    public static String uid(JsonNode object) {
        return text(object, "metadata", "uid");
    }

    public static Map<String, String> labels(JsonNode object) {
        return strings(object.path("metadata").path("labels"));
    }

    public static Map<String, String> annotations(JsonNode object) {
        return strings(object.path("metadata").path("annotations"));
    }

    /** Whether the object is being deleted. */
    public static boolean isTerminating(JsonNode object) {
        return object.path("metadata").path("deletionTimestamp").isString();
    }

    /** The string at a path of field names; empty when there is none. */
    public static String text(JsonNode node, String... path) {
        var at = node;
        for (var name : path) {
            at = at.path(name);
        }
        return at.stringValue("");
    }

    /** A map of strings in its own order; entries with other values are left out. */
    public static Map<String, String> strings(JsonNode node) {
        var result = new LinkedHashMap<String, String>();
        for (var entry : node.properties()) {
            if (entry.getValue().isString()) {
                result.put(entry.getKey(), entry.getValue().stringValue());
            }
        }
        return result;
    }
}
