package dev.sampan.schema.patch;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON merge patch, RFC 7386. */
public final class MergePatch {

    private MergePatch() {}

    /**
     * Returns {@code original} with {@code patch} merged in; the arguments stay as they are.
     *
     * @throws PatchException when the patch is not an object
     */
    public static JsonNode apply(JsonNode original, JsonNode patch) {
        if (!patch.isObject()) {
            throw PatchException.malformed("Invalid JSON Patch");
        }
        return merge(original, patch);
    }

    private static JsonNode merge(JsonNode original, JsonNode patch) {
        if (!patch.isObject()) {
            return patch.deepCopy();
        }
        var result = original.isObject() ? (ObjectNode) original.deepCopy() : JsonNodeFactory.instance.objectNode();
        for (var entry : patch.properties()) {
            if (entry.getValue().isNull()) {
                result.remove(entry.getKey());
            } else {
                var old = result.get(entry.getKey());
                var base = old == null ? JsonNodeFactory.instance.missingNode() : old;
                result.set(entry.getKey(), merge(base, entry.getValue()));
            }
        }
        return result;
    }
}
