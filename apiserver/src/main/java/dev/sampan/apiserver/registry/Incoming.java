package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.Defaulter;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Pruner;
import dev.sampan.schema.TypeCheck;
import dev.sampan.schema.UnknownFields;
import dev.sampan.schema.codec.Decoded;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns what clients send into clean objects of a served version: typed, pruned, defaulted. Stateless. */
final class Incoming {

    private Incoming() {}

    /**
     * A decoded body of a create or update.
     *
     * @throws ApiException 400 when it is of another kind, has a wrong type, or has unknown fields under Strict
     */
    static ObjectNode body(ServedType type, Decoded decoded, FieldValidation validation, RequestContext context) {
        var object = (ObjectNode) decoded.tree();
        checkKind(type, object);
        dropNull(object, "metadata");
        var wrong = wrongType(type, object);
        if (!wrong.isEmpty()) {
            throw ApiException.cannotHandle(type.gvk(), wrong);
        }
        var problems = problems(type, object, decoded.duplicates(), validation);
        if (!problems.isEmpty() && validation == FieldValidation.Strict) {
            throw ApiException.cannotHandle(type.gvk(), "strict decoding error: " + String.join(", ", problems));
        }
        problems.forEach(context::warn);
        return clean(type, object);
    }

    /**
     * An object that a patch was applied to.
     *
     * @param patch the patch for the message
     * @throws ApiException 422 when it has a wrong type, or unknown fields under Strict
     */
    static ObjectNode patched(
            ServedType type, ObjectNode object, JsonNode patch, FieldValidation validation, RequestContext context) {
        checkKind(type, object);
        var wrong = wrongType(type, object);
        if (!wrong.isEmpty()) {
            throw badPatch(patch, wrong);
        }
        var problems = problems(type, object, List.of(), validation);
        if (!problems.isEmpty() && validation == FieldValidation.Strict) {
            throw badPatch(patch, "strict decoding error: " + String.join(", ", problems));
        }
        problems.forEach(context::warn);
        return clean(type, object);
    }

    private static ObjectNode clean(ServedType type, ObjectNode object) {
        Pruner.prune(object, type.schema());
        Defaulter.apply(object, type.schema());
        return object;
    }

    private static void checkKind(ServedType type, ObjectNode object) {
        var apiVersion = object.path("apiVersion").asString("");
        var kind = object.path("kind").asString("");
        if (type.custom() && (kind.isEmpty() || apiVersion.isEmpty())) {
            var field = kind.isEmpty() ? "Kind" : "apiVersion";
            throw ApiException.badRequest("Object '%s' is missing in '%s'".formatted(field, object));
        }
        var expected = type.gvk();
        if (!kind.isEmpty() && !kind.equals(expected.kind())) {
            var version =
                    apiVersion.isEmpty() ? expected.version() : apiVersion.substring(apiVersion.lastIndexOf('/') + 1);
            throw ApiException.badRequest(
                    "%s in version \"%s\" cannot be handled as a %s: converting (%s.%s) to (%s.%s): unknown conversion"
                            .formatted(
                                    kind,
                                    version,
                                    expected.kind(),
                                    version,
                                    kind,
                                    expected.version(),
                                    expected.kind()));
        }
        if (!apiVersion.isEmpty() && !apiVersion.equals(expected.apiVersion())) {
            throw ApiException.badRequest(
                    "the API version in the data (%s) does not match the expected API version (%s)"
                            .formatted(apiVersion, expected.apiVersion()));
        }
        object.put("apiVersion", expected.apiVersion());
        object.put("kind", expected.kind());
    }

    /** Custom objects are only checked for the form of their metadata; their schema reports the rest as 422. */
    private static String wrongType(ServedType type, ObjectNode object) {
        var metadata = object.get("metadata");
        if (metadata != null && !(metadata instanceof ObjectNode)) {
            return "json: cannot unmarshal %s into Go struct field %s.metadata of type v1.ObjectMeta"
                    .formatted(
                            metadata.getNodeType().name().toLowerCase(java.util.Locale.ROOT),
                            type.gvk().kind());
        }
        return type.custom() ? "" : TypeCheck.firstError(object, type.schema()).orElse("");
    }

    private static List<String> problems(
            ServedType type, ObjectNode object, List<String> duplicates, FieldValidation validation) {
        if (validation == FieldValidation.Ignore) {
            return List.of();
        }
        var problems = new ArrayList<>(duplicates);
        for (var path : UnknownFields.find(object, type.schema())) {
            problems.add("unknown field \"" + path + '"');
        }
        return problems;
    }

    private static void dropNull(ObjectNode object, String field) {
        if (object.path(field).isNull()) {
            object.remove(field);
        }
    }

    private static ApiException badPatch(JsonNode patch, String why) {
        return ApiException.invalid(
                new GroupKind("", ""), "", List.of(FieldError.invalid("patch", patch.toString(), why)));
    }
}
