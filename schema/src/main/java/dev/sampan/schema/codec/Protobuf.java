package dev.sampan.schema.codec;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.Schema;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubernetes' protobuf envelope ({@code k8s\0} and {@code runtime.Unknown}) for built-in kinds, transcoded from and to JSON
 * trees by the field numbers in the catalogue. Thread-safe.
 */
public final class Protobuf {

    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private final BuiltinCatalog catalog;
    private final Map<String, ProtoMessage> messages = new ConcurrentHashMap<>();

    public Protobuf(BuiltinCatalog catalog) {
        this.catalog = catalog;
    }

    /** Whether these bytes begin as an envelope does. */
    public static boolean isEnvelope(byte[] bytes) {
        return bytes.length >= MAGIC.length && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** Whether objects of this {@code apiVersion} and {@code kind} have a protobuf form; custom resources have none. */
    public boolean supports(String apiVersion, String kind) {
        return definition(apiVersion, kind).isPresent();
    }

    private Optional<Schema> definition(String apiVersion, String kind) {
        return apiVersion.isEmpty() || apiVersion.chars().filter(c -> c == '/').count() > 1
                ? Optional.empty()
                : catalog.schema(GroupVersionKind.parse(apiVersion, kind))
                        .filter(s -> s.properties().values().stream()
                                .anyMatch(p -> !p.protoPath().isEmpty()));
    }

    /** The message of a definition. */
    ProtoMessage message(Schema schema) {
        var name = schema.definition();
        if (name == null) {
            throw new IllegalArgumentException("no protobuf form: " + schema);
        }
        var known = messages.get(name);
        if (known == null) {
            known = ProtoMessage.of(schema);
            messages.put(name, known);
        }
        return known;
    }

    /**
     * Reads an envelope; the object carries {@code apiVersion} and {@code kind}. Zero values that mean the same as none are
     * left out.
     *
     * @throws DecodeException when the bytes are not an envelope of a built-in kind
     */
    public ObjectNode read(byte[] bytes) {
        return read(bytes, "", "");
    }

    /** As {@link #read(byte[])}; the given kind is assumed when the envelope names none. */
    public ObjectNode read(byte[] bytes, String defaultApiVersion, String defaultKind) {
        if (!isEnvelope(bytes)) {
            throw new DecodeException(
                    "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }
        var envelope = new ProtoInput(bytes, MAGIC.length, bytes.length);
        var apiVersion = "";
        var kind = "";
        ProtoInput raw = new ProtoInput(new byte[0]);
        while (envelope.hasMore()) {
            var tag = envelope.tag();
            switch (tag >>> 3) {
                case 1 -> {
                    var type = envelope.message();
                    while (type.hasMore()) {
                        switch (type.tag() >>> 3) {
                            case 1 -> apiVersion = type.string();
                            case 2 -> kind = type.string();
                            default -> throw new DecodeException("unexpected field in TypeMeta");
                        }
                    }
                }
                case 2 -> raw = envelope.message();
                default -> envelope.skip(tag & 7);
            }
        }
        apiVersion = apiVersion.isEmpty() ? defaultApiVersion : apiVersion;
        kind = kind.isEmpty() ? defaultKind : kind;
        var object = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", apiVersion)
                .put("kind", kind);
        var schema = schema(apiVersion, kind);
        new ProtoReader(this).message(raw, message(schema), schema, object, 0);
        return object;
    }

    private Schema schema(String apiVersion, String kind) {
        return definition(apiVersion, kind)
                .orElseThrow(() -> new DecodeException(
                        "no kind \"" + kind + "\" is registered for version \"" + apiVersion + "\" in protobuf"));
    }

    /**
     * Writes an object that carries {@code apiVersion} and {@code kind}.
     *
     * @throws DecodeException for kinds that have no protobuf form
     */
    public byte[] write(ObjectNode object) {
        var apiVersion = object.path("apiVersion").asString("");
        var kind = object.path("kind").asString("");
        var type = new ProtoOutput();
        type.string(1, apiVersion);
        type.string(2, kind);
        var envelope = new ProtoOutput();
        envelope.message(1, type);
        envelope.message(2, new ProtoWriter(this).message(object, message(schema(apiVersion, kind))));
        envelope.string(3, "");
        envelope.string(4, "");
        var body = envelope.toByteArray();
        var bytes = Arrays.copyOf(MAGIC, MAGIC.length + body.length);
        System.arraycopy(body, 0, bytes, MAGIC.length, body.length);
        return bytes;
    }
}
