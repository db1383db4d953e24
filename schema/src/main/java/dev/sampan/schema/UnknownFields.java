package dev.sampan.schema;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds fields that a schema does not know, for {@code fieldValidation=Strict} and {@code Warn}. */
public final class UnknownFields {

    private final List<String> paths = new ArrayList<>();

    private UnknownFields() {}

    /**
     * Paths as strict decoding prints them ({@code spec.template.spec.containers[0].foo}), in the object's order; the message
     * of one is {@code unknown field "PATH"}.
     */
    public static List<String> find(ObjectNode object, Schema schema) {
        var search = new UnknownFields();
        search.visit(object, schema, "");
        return List.copyOf(search.paths);
    }

    private void visit(JsonNode value, Schema field, String path) {
        var schema = field.forValue(value);
        switch (value) {
            case ObjectNode object -> {
                for (var entry : object.properties()) {
                    var here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                    var known = schema.field(entry.getKey());
                    if (known != null) {
                        visit(entry.getValue(), known, here);
                    } else if (!schema.preserveUnknownFields()) {
                        paths.add(here);
                    }
                }
            }
            case ArrayNode array
            when schema.items() != null -> {
                for (int i = 0; i < array.size(); i++) {
                    visit(array.get(i), schema.items(), path + "[" + i + "]");
                }
            }
            default -> {}
        }
    }
}
