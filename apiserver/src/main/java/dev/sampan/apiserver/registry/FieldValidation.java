package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.schema.FieldError;
import java.util.List;

/** What happens to unknown and repeated fields of a body. */
enum FieldValidation {
    Ignore,
    Warn,
    Strict;

    /** Reads the {@code fieldValidation} parameter; Warn when absent. @throws ApiException 422 for other values */
    static FieldValidation of(ApiRequest request) {
        var text = request.parameter("fieldValidation");
        if (text.isEmpty()) {
            return Warn;
        }
        for (var value : values()) {
            if (value.name().equals(text)) {
                return value;
            }
        }
        var options = switch (request.method()) {
            case "POST" -> "CreateOptions";
            case "PATCH" -> "PatchOptions";
            default -> "UpdateOptions";
        };
        throw ApiException.invalid(
                new GroupKind("meta.k8s.io", options),
                "",
                List.of(FieldError.notSupported("fieldValidation", text, List.of("", "Ignore", "Strict", "Warn"))));
    }
}
