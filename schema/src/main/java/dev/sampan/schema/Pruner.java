package dev.sampan.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Drops what a schema does not know, as the API server does when it decodes a built-in kind or prunes a custom resource. In
 * built-in parts values also take the form that they have after a round trip through Kubernetes' types: nulls, and
 * empty or zero optional values that mean the same as none, vanish, quantities and times become canonical.
 */
public final class Pruner {

    private Pruner() {}

    /** Changes {@code object} in place. */
    public static void prune(ObjectNode object, Schema schema) {
        pruneObject(object, schema.forValue(object));
    }

    private static void pruneObject(ObjectNode object, Schema schema) {
        var required = schema.required();
        for (var entry : List.copyOf(object.properties())) {
            var name = entry.getKey();
            var field = schema.field(name);
            if (field == null) {
                if (!schema.preserveUnknownFields()) {
                    object.remove(name);
                }
                continue;
            }
            var value = pruned(entry.getValue(), field, schema.isMap() || required.contains(name));
            if (value == null) {
                object.remove(name);
            } else if (value != entry.getValue()) {
                object.set(name, value);
            }
        }
    }

    /** The value without what is unknown in it, or null when it is to be dropped. */
    private static @Nullable JsonNode pruned(JsonNode value, Schema field, boolean keepEmpty) {
        var schema = field.forValue(value);
        pruneInside(value, schema);
        if (!schema.builtin()) {
            return value;
        }
        if (!keepEmpty && value.isContainer() && value.isEmpty() && (value.isArray() || schema.isMap())) {
            return null;
        }
        if (!keepEmpty
                && (value.isNull()
                        || schema.form() == Form.PLAIN && !schema.keepsZero() && BuiltinForm.isZero(value))) {
            return null;
        }
        return BuiltinForm.canonical(value, schema);
    }

    private static void pruneInside(JsonNode value, Schema schema) {
        switch (value) {
            case ObjectNode object -> pruneObject(object, schema);
            case ArrayNode array
            when schema.items() != null -> {
                for (int i = 0; i < array.size(); i++) {
                    var item = pruned(array.get(i), schema.items(), true);
                    if (item != null && item != array.get(i)) {
                        array.set(i, item);
                    }
                }
            }
            default -> {}
        }
    }
}
