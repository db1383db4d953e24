package dev.sampan.schema.codec;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A decoded body.
 *
 * @param tree the value; of a repeated key the last wins
 * @param duplicates repeated keys in the words of strict decoding: {@code duplicate field "spec.x"} in JSON,
 *     {@code line 3: key "x" already set in map} in YAML
 */
public record Decoded(JsonNode tree, List<String> duplicates) {}
