package dev.sampan.schema;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Sets absent fields to the defaults that stand in a schema. */
public final class Defaulter {

    private Defaulter() {}

    /**
     * Fills {@code object} in place. In a custom resource a null where null is not allowed gives way to the default, or is
     * dropped when there is none.
     */
    public static void apply(ObjectNode object, Schema schema) {
        if (!schema.builtin()) {
            dropNulls(object, schema);
        }
        for (var property : schema.properties().entrySet()) {
            var value = property.getValue().defaultValue();
            if (value == null || schema.builtin() && BuiltinForm.isZero(value)) {
                continue;
            }
            if (!object.has(property.getKey())) {
                object.set(property.getKey(), value.deepCopy());
            }
        }
        for (var entry : object.properties()) {
            var field = schema.field(entry.getKey());
            if (field != null) {
                inside(entry.getValue(), field);
            }
        }
    }

    private static void inside(JsonNode value, Schema schema) {
        switch (value) {
            case ObjectNode object -> apply(object, schema.forValue(value));
            case ArrayNode array when schema.items() != null -> array.forEach(item -> inside(item, schema.items()));
            default -> {}
        }
    }

    private static void dropNulls(ObjectNode object, Schema schema) {
        for (var entry : List.copyOf(object.properties())) {
            var field = schema.field(entry.getKey());
            if (entry.getValue().isNull() && field != null && !field.nullable() && !isOpen(field)) {
                object.remove(entry.getKey());
            }
        }
    }

    /** A field of any type and form may well be null. */
    private static boolean isOpen(Schema field) {
        return field.type() == Schema.Type.ANY && field.preserveUnknownFields();
    }
}
