package dev.sampan.schema.patch;

import dev.sampan.schema.Schema;
import tools.jackson.databind.JsonNode;

/** Kubernetes' strategic merge patch with all its directives; built-in kinds only. */
public final class StrategicMergePatch {

    private StrategicMergePatch() {}

    /** Returns {@code original} with {@code patch} merged in by the schema's merge keys; the arguments stay as they are. */
    public static JsonNode apply(JsonNode original, JsonNode patch, Schema schema) {
        throw new UnsupportedOperationException("being built");
    }
}
