package dev.sampan.schema.patch;

import tools.jackson.databind.JsonNode;

/** JSON merge patch, RFC 7386. */
public final class MergePatch {

    private MergePatch() {}

    /** Returns {@code original} with {@code patch} merged in; the arguments stay as they are. */
    public static JsonNode apply(JsonNode original, JsonNode patch) {
        throw new UnsupportedOperationException("being built");
    }
}
