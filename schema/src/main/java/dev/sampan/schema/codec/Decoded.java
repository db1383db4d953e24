package dev.sampan.schema.codec;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A decoded body.
 *
 * @param tree the value; of a repeated key the last wins
 * @param duplicateFields paths of repeated keys as strict decoding prints them; the message of one is
 *     {@code duplicate field "PATH"}
 */
public record Decoded(JsonNode tree, List<String> duplicateFields) {}
