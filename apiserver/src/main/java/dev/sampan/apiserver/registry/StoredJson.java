package dev.sampan.apiserver.registry;

import dev.sampan.schema.codec.Json;
import dev.sampan.store.Entry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The stored form of objects: UTF-8 JSON that begins with apiVersion, kind and metadata, without resourceVersion, which is
 * the entry's revision and is put in on the way out.
 */
public final class StoredJson {

    private static final byte[] METADATA = "\"metadata\":{".getBytes(StandardCharsets.US_ASCII);
    private static final String FIELD = "\"resourceVersion\":\"";

    /** Reads a value out of the middle of a document. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
        var field = field(revision);
        var result = new byte[stored.length + field.length];
        int at = afterMetadata(stored);
        System.arraycopy(stored, 0, result, 0, at);
        System.arraycopy(field, 0, result, at, field.length);
        System.arraycopy(stored, at, result, at + field.length, stored.length - at);
        return result;
    }

    /** How many bytes {@link #write} appends. */
    static int size(Entry entry, long revision) {
        return entry.value().length + field(revision).length;
    }

    /** Appends the entry's JSON with its resourceVersion, not parsed. */
    static void write(Entry entry, long revision, ByteArrayOutputStream out) {
        var stored = entry.value();
        int at = afterMetadata(stored);
        out.write(stored, 0, at);
        out.writeBytes(field(revision));
        out.write(stored, at, stored.length - at);
    }

    private static byte[] field(long revision) {
        return (FIELD + revision + "\",").getBytes(StandardCharsets.US_ASCII);
    }

    /** A fresh tree of an object's metadata, with resourceVersion; what comes after it is not parsed. */
    static ObjectNode metadata(Entry entry, long revision) {
        try (var parser = MAPPER.createParser(entry.value())) {
            parser.nextToken();
            if (!enter(parser, "metadata")) {
                throw new IllegalStateException("stored object without metadata");
            }
            var tree = (ObjectNode) MAPPER.readTree(parser);
            return tree.put("resourceVersion", Long.toString(revision));
        }
    }

    /**
     * The labels of a stored object, read without parsing what comes after its metadata; null when it has none.
     *
     * @throws IllegalStateException when the entry is no object
     */
    static @Nullable JsonNode labels(Entry entry) {
        try (var parser = MAPPER.createParser(entry.value())) {
            parser.nextToken();
            return enter(parser, "metadata") && enter(parser, "labels") ? MAPPER.readTree(parser) : null;
        }
    }

    /** Goes from an object's beginning to the value of its field; false when it has none. */
    private static boolean enter(JsonParser object, String field) {
        while (object.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean found = object.currentName().equals(field);
            object.nextToken();
            if (found) {
                return true;
            }
            object.skipChildren();
        }
        return false;
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

    private static void move(ObjectNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value != null) {
            to.set(field, value);
        }
    }
}
