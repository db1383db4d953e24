package dev.sampan.apiserver.crd;

import dev.sampan.schema.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** {@code selectableFields}: paths to single values that every object may have. */
final class SelectableFieldChecks {

    private static final int MAX = 8;
    private static final Set<String> TYPES = Set.of("string", "boolean", "integer");

    private SelectableFieldChecks() {}

    static void check(JsonNode version, String path, List<FieldError> errors) {
        var fields = version.path("selectableFields");
        var root = version.path("schema").path("openAPIV3Schema");
        if (fields.size() > MAX) {
            errors.add(FieldError.tooMany(path + ".selectableFields", fields.size(), MAX));
        }
        var seen = new HashSet<String>();
        int i = 0;
        for (var field : fields) {
            var here = path + ".selectableFields[" + i++ + "].jsonPath";
            var jsonPath = field.path("jsonPath").asString("");
            if (jsonPath.isEmpty()) {
                errors.add(FieldError.required(here, ""));
            } else if (!seen.add(jsonPath)) {
                errors.add(FieldError.duplicate(here, jsonPath));
            } else {
                refersToValue(root, jsonPath, here, errors);
            }
        }
    }

    private static void refersToValue(JsonNode root, String jsonPath, String here, List<FieldError> errors) {
        if (jsonPath.equals(".metadata") || jsonPath.startsWith(".metadata.")) {
            errors.add(FieldError.invalid(here, jsonPath, "must not point to fields in metadata"));
            return;
        }
        JsonNode schema = root;
        for (var name : jsonPath.replaceFirst("^\\.", "").split("\\.", -1)) {
            schema = schema.path("properties").path(name);
        }
        if (!jsonPath.startsWith(".") || schema.isMissingNode()) {
            errors.add(FieldError.invalid(here, jsonPath, "is an invalid path: does not refer to a valid field"));
        } else if (!TYPES.contains(schema.path("type").asString(""))) {
            errors.add(FieldError.invalid(
                    here,
                    jsonPath,
                    "must point to a field of type string, boolean or integer. Enum string fields and strings"
                            + " with formats are allowed."));
        }
    }
}
