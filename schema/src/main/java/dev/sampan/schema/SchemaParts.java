package dev.sampan.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What stands in one schema object, references not followed. */
record SchemaParts(
        JsonNode json,
        @Nullable String name,
        @Nullable String reference,
        Form form,
        Schema.Type type,
        String format,
        String description,
        Map<String, Schema> properties,
        @Nullable Schema additionalProperties,
        @Nullable Schema items,
        List<String> required,
        List<JsonNode> enumValues,
        @Nullable JsonNode defaultValue,
        boolean nullable,
        boolean intOrString,
        boolean embeddedResource,
        boolean preserveUnknownFields,
        Schema.@Nullable ListType listType,
        List<String> listMapKeys,
        boolean atomicMap,
        @Nullable String patchMergeKey,
        List<String> patchStrategies,
        @Nullable Bounds bounds,
        List<Schema> allOf,
        List<Schema> anyOf,
        List<Schema> oneOf,
        @Nullable Schema not,
        List<Schema.Rule> rules,
        List<Integer> protoPath,
        boolean protoWrapped,
        boolean keepsZero) {}
