package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Yaml;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a server-side apply.
 *
 * @param configuration the fields that the applier wants; not to be changed
 * @param force whether fields are taken from other managers
 */
record ApplyPatch(ObjectNode configuration, boolean force) {

    static boolean isOne(ApiRequest request) {
        var type = MediaType.ofContentType(request.header("content-type"));
        return type != null && type.essence().equals(MediaType.APPLY_YAML);
    }

    /**
     * Reads an apply request.
     *
     * @param kind what the configuration has to be of
     * @throws ApiException 400 when the body is not YAML or of another kind, 422 without a field manager
     */
    static ApplyPatch read(ApiRequest request, WriteCall call, GroupVersionKind kind) {
        if (request.parameter("fieldManager").isEmpty()) {
            throw badOption(FieldError.required("fieldManager", "is required for apply patch"));
        }
        var configuration = configuration(request, call);
        if (!configuration.path("metadata").path("managedFields").isEmpty()) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
        checkKind(configuration, kind);
        return new ApplyPatch(configuration, request.flag("force"));
    }

    private static ObjectNode configuration(ApiRequest request, WriteCall call) {
        var validation = FieldValidation.of(request);
        try {
            var decoded = Yaml.read(request.body());
            if (validation != FieldValidation.Ignore && !decoded.duplicates().isEmpty()) {
                var problem = decoded.duplicates();
                if (validation == FieldValidation.Strict) {
                    throw ApiException.badRequest("error strict decoding YAML: " + String.join(", ", problem));
                }
                problem.forEach(call.context()::warn);
            }
            if (decoded.tree() instanceof ObjectNode object) {
                if (object.path("metadata").isNull()) {
                    object.remove("metadata");
                }
                return object;
            }
            throw ApiException.badRequest("error decoding YAML: the configuration must be an object");
        } catch (DecodeException e) {
            throw ApiException.badRequest("error decoding YAML: " + e.getMessage());
        }
    }

    private static void checkKind(ObjectNode configuration, GroupVersionKind kind) {
        var apiVersion = configuration.path("apiVersion").asString("");
        var name = configuration.path("kind").asString("");
        if (apiVersion.isEmpty() || name.isEmpty()) {
            throw ApiException.badRequest(
                    "invalid object type: %s, Kind=%s: apiVersion and kind must be set".formatted(apiVersion, name));
        }
        if (!apiVersion.equals(kind.apiVersion())) {
            throw ApiException.badRequest(
                    "Incorrect version specified in apply patch. Specified patch version: %s, expected: %s"
                            .formatted(apiVersion, kind.apiVersion()));
        }
        if (!name.equals(kind.kind())) {
            throw ApiException.badRequest(
                    "invalid object type: %s, Kind=%s, expected: %s".formatted(apiVersion, name, kind.kind()));
        }
    }

    /** Refuses options that only an apply may have. @throws ApiException 422 */
    static void refuseOptions(ApiRequest request) {
        if (!request.parameter("force").isEmpty()) {
            throw badOption(FieldError.forbidden("force", "may not be specified for non-apply patch"));
        }
    }

    private static ApiException badOption(FieldError error) {
        return ApiException.invalid(new GroupKind("meta.k8s.io", "PatchOptions"), "", List.of(error));
    }
}
