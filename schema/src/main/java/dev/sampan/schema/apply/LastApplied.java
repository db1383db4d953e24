package dev.sampan.schema.apply;

import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The annotation in which kubectl's client-side apply remembers what it set, so that one can go over to the other. */
final class LastApplied {

    /** The manager that is kubectl itself, whatever side it applies on. */
    static final String MANAGER = "kubectl";

    private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

    /** Annotations may have no more altogether. */
    private static final int MAX_BYTES = 256 * 1024;

    private LastApplied() {}

    /** Whether kubectl's own client-side apply had set all the fields in conflict, which it may take over then. */
    static boolean allows(ObjectNode live, ApplyConflictException e, Schema schema) {
        var annotation = live.path("metadata").path("annotations").path(ANNOTATION);
        if (!annotation.isString()) {
            return false;
        }
        try {
            var last = Json.read(annotation.stringValue().getBytes(StandardCharsets.UTF_8))
                    .tree();
            if (!(last instanceof ObjectNode object)) {
                return false;
            }
            var allowed = Typed.fields(object, schema).paths();
            return e.conflicts().stream().allMatch(c -> allowed.contains(c.field()));
        } catch (DecodeException | ApplyException unreadable) {
            return false;
        }
    }

    /** The object with the annotation, if it has one, told of what was applied just now. */
    static ObjectNode renewed(ObjectNode object, ObjectNode applied) {
        var annotations = object.path("metadata").path("annotations");
        if (!annotations.has(ANNOTATION)) {
            return object;
        }
        var text = text(applied);
        if (text.equals(annotations.path(ANNOTATION).asString(""))) {
            return object;
        }
        var result = object.deepCopy();
        var target = result.withObject("metadata").withObject("annotations");
        target.put(ANNOTATION, "");
        long others = target.properties().stream()
                .mapToLong(a -> a.getKey().length() + a.getValue().asString("").getBytes(StandardCharsets.UTF_8).length)
                .sum();
        if (others + text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES) {
            target.put(ANNOTATION, text);
        } else {
            target.remove(ANNOTATION);
        }
        return result;
    }

    private static String text(ObjectNode applied) {
        var bare = applied.deepCopy();
        if (bare.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
            if (metadata.path("annotations") instanceof ObjectNode annotations) {
                annotations.remove(ANNOTATION);
            }
        }
        return new String(Json.write(sorted(bare)), StandardCharsets.UTF_8) + "\n";
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            var names = new TreeMap<String, JsonNode>();
            object.properties().forEach(e -> names.put(e.getKey(), sorted(e.getValue())));
            return JsonNodeFactory.instance.objectNode().setAll(names);
        }
        if (node.isArray()) {
            var array = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> array.add(sorted(item)));
            return array;
        }
        return node;
    }
}
