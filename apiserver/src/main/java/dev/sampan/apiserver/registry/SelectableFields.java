package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which fields of a kind field selectors may use, and their values. */
final class SelectableFields {

    private SelectableFields() {}

    static void check(String field, ServedType type) {
        if (field.equals("metadata.name") || (field.equals("metadata.namespace"))) {
            return;
        }
        if (type.selectableFields().contains(field)
                || type.storage().rules().selectableFieldNames().contains(field)) {
            return;
        }
        throw ApiException.badRequest(
                type.custom() || !type.storage().rules().selectableFieldNames().isEmpty()
                        ? "field label not supported: " + field
                        : "\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                                .formatted(field));
    }

    static Map<String, String> of(ObjectNode object, ServedType type) {
        if (!type.custom()) {
            return type.storage().rules().selectableFields(object);
        }
        var values = new HashMap<String, String>();
        for (var path : type.selectableFields()) {
            values.put(path, value(object, path));
        }
        return values;
    }

    private static String value(ObjectNode object, String path) {
        JsonNode node = object;
        for (var part : path.split("\\.")) {
            node = node.path(part);
        }
        return node.isValueNode() ? node.asString("") : "";
    }
}
