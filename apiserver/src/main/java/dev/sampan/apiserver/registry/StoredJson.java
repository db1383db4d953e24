package dev.sampan.apiserver.registry;

import dev.sampan.schema.codec.Json;
import dev.sampan.store.Entry;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The stored form of objects: UTF-8 JSON that begins with apiVersion, kind and metadata, without resourceVersion, which is
 * the entry's revision and is put in on the way out.
 */
public final class StoredJson {

    private static final byte[] METADATA = "\"metadata\":{".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FIELD = "\"resourceVersion\":\"".getBytes(StandardCharsets.US_ASCII);

    private StoredJson() {}

    /** The bytes to store; {@code object} loses its resourceVersion. */
    public static byte[] encode(ObjectNode object) {
        var ordered = JsonNodeFactory.instance.objectNode();
        move(object, ordered, "apiVersion");
        move(object, ordered, "kind");
        ordered.set("metadata", Meta.of(object).without("resourceVersion").without("selfLink"));
        for (var entry : object.properties()) {
            if (!ordered.has(entry.getKey())) {
                ordered.set(entry.getKey(), entry.getValue());
            }
        }
        return Json.write(ordered);
    }

    /** A fresh tree that the caller may change, with resourceVersion. */
    public static ObjectNode decode(Entry entry) {
        return decode(entry, entry.modRevision());
    }

    static ObjectNode decode(Entry entry, long revision) {
        var object = (ObjectNode) Json.read(entry.value()).tree();
        Meta.of(object).put("resourceVersion", Long.toString(revision));
        return object;
    }

    /** The entry's JSON with its resourceVersion, not parsed. */
    public static byte[] withRevision(Entry entry, long revision) {
        var stored = entry.value();
        int at = afterMetadata(stored);
        var digits = Long.toString(revision).getBytes(StandardCharsets.US_ASCII);
        var result = new byte[stored.length + FIELD.length + digits.length + 2];
        System.arraycopy(stored, 0, result, 0, at);
        int position = put(result, at, FIELD);
        position = put(result, position, digits);
        result[position++] = '"';
        result[position++] = ',';
        System.arraycopy(stored, at, result, position, stored.length - at);
        return result;
    }

    /** Metadata always has a name, so what follows its brace is a field. */
    private static int afterMetadata(byte[] json) {
        for (int i = 0; i <= json.length - METADATA.length; i++) {
            if (json[i] == '"' && startsWith(json, i)) {
                return i + METADATA.length;
            }
        }
        throw new IllegalStateException("stored object without metadata");
    }

    private static boolean startsWith(byte[] json, int from) {
        for (int i = 0; i < METADATA.length; i++) {
            if (json[from + i] != METADATA[i]) {
                return false;
            }
        }
        return true;
    }

    private static int put(byte[] target, int at, byte[] part) {
        System.arraycopy(part, 0, target, at, part.length);
        return at + part.length;
    }

    private static void move(ObjectNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value != null) {
            to.set(field, value);
        }
    }
}
