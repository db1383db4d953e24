package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.patch.JsonPatch;
import dev.sampan.schema.patch.MergePatch;
import dev.sampan.schema.patch.PatchException;
import dev.sampan.schema.patch.StrategicMergePatch;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A patch of a request, read and ready to be applied.
 *
 * @param mediaType which kind of patch it is
 */
record Patches(String mediaType, JsonNode patch) {

    /** @throws ApiException 415 for a kind of patch that the resource does not take, 400 when it cannot be read */
    static Patches read(ApiRequest request, boolean custom) {
        var accepted = new ArrayList<>(List.of(MediaType.JSON_PATCH, MediaType.MERGE_PATCH));
        if (!custom) {
            accepted.add(MediaType.STRATEGIC_MERGE_PATCH);
        }
        accepted.add(MediaType.APPLY_YAML);
        var type = MediaType.ofContentType(request.header("content-type"));
        if (type == null || !accepted.contains(type.essence())) {
            throw ApiException.unsupportedMediaType(accepted);
        }
        ApplyPatch.refuseOptions(request);
        try {
            var patch = new Patches(type.essence(), Json.read(request.body()).tree());
            patch.check();
            return patch;
        } catch (DecodeException e) {
            throw ApiException.badRequest("error decoding patch: " + e.getMessage());
        }
    }

    /** @throws ApiException 400 or 422 when the patch does not fit the object */
    ObjectNode apply(ObjectNode original, Schema schema) {
        try {
            var result = switch (mediaType) {
                case MediaType.JSON_PATCH -> JsonPatch.apply(original, patch);
                case MediaType.MERGE_PATCH -> MergePatch.apply(original, patch);
                default -> StrategicMergePatch.apply(original, patch, schema);
            };
            if (result instanceof ObjectNode object) {
                return object;
            }
            throw ApiException.badRequest("the patch does not leave an object");
        } catch (PatchException e) {
            throw refused(e);
        }
    }

    private void check() {
        if (!mediaType.equals(MediaType.JSON_PATCH)) {
            if (!(patch instanceof ObjectNode)) {
                throw ApiException.badRequest("error decoding patch: a patch of this type must be an object");
            }
            return;
        }
        if (!(patch instanceof ArrayNode)) {
            throw ApiException.badRequest(
                    "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        }
    }

    private ApiException refused(PatchException e) {
        return switch (e.reason()) {
            case BAD_REQUEST -> ApiException.badRequest(String.valueOf(e.getMessage()));
            case TOO_LARGE -> ApiException.tooLarge(String.valueOf(e.getMessage()));
            case INVALID ->
                ApiException.invalid(
                        new GroupKind("", ""),
                        "",
                        List.of(FieldError.invalid("patch", patch.toString(), String.valueOf(e.getMessage()))));
        };
    }
}
