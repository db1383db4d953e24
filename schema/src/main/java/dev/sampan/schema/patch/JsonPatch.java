package dev.sampan.schema.patch;

import tools.jackson.databind.JsonNode;

/** JSON patch, RFC 6902. */
public final class JsonPatch {

    private JsonPatch() {}

    /** Returns {@code original} with the operations of {@code patch} (an array) applied; the arguments stay as they are. */
    public static JsonNode apply(JsonNode original, JsonNode patch) {
        throw new UnsupportedOperationException("being built");
    }
}
