package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import java.util.HashMap;
import java.util.List;
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
        if (names(type).contains(field)) {
            return;
        }
        throw ApiException.badRequest(
                type.custom() || !names(type).isEmpty()
                        ? "field label not supported: " + field
                        : "\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                                .formatted(field));
    }

    private static List<String> names(ServedType type) {
        return type.custom() || !type.selectableFields().isEmpty()
                ? type.selectableFields()
                : type.storage().rules().selectableFieldNames();
    }

    static Map<String, String> of(ObjectNode object, ServedType type) {
        if (!type.custom() && type.selectableFields().isEmpty()) {
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
