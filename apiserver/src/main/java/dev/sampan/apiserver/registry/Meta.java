package dev.sampan.apiserver.registry;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes {@code metadata} of an object. */
public final class Meta {

    public static final String FOREGROUND = "foregroundDeletion";
    public static final String ORPHAN = "orphan";

    private Meta() {}

    /** The object's metadata, made when absent. */
    public static ObjectNode of(ObjectNode object) {
        return object.get("metadata") instanceof ObjectNode metadata ? metadata : object.putObject("metadata");
    }

    public static String name(ObjectNode object) {
        return text(object, "name");
    }

    public static String namespace(ObjectNode object) {
        return text(object, "namespace");
    }

    public static String uid(ObjectNode object) {
        return text(object, "uid");
    }

    public static String resourceVersion(ObjectNode object) {
        return text(object, "resourceVersion");
    }

    /** A string field of metadata, empty when absent. */
    public static String text(ObjectNode object, String field) {
        return object.path("metadata").path(field).asString("");
    }

    public static long generation(ObjectNode object) {
        return object.path("metadata").path("generation").asLong(0);
    }

    public static boolean deleting(ObjectNode object) {
        return !text(object, "deletionTimestamp").isEmpty();
    }

    public static Map<String, String> labels(JsonNode object) {
        return strings(object.path("metadata").path("labels"));
    }

    public static List<String> finalizers(ObjectNode object) {
        var result = new ArrayList<String>();
        for (var item : object.path("metadata").path("finalizers")) {
            result.add(item.asString(""));
        }
        return result;
    }

    public static void setFinalizers(ObjectNode object, List<String> finalizers) {
        var metadata = of(object);
        if (finalizers.isEmpty()) {
            metadata.remove("finalizers");
            return;
        }
        ArrayNode array = metadata.putArray("finalizers");
        finalizers.forEach(array::add);
    }

    /** Sets a field of metadata to what another object has, removing it when that has none. */
    public static void copy(ObjectNode from, ObjectNode to, String field) {
        replace(of(to), field, from.path("metadata").get(field));
    }

    /** Sets a field, or removes it when the value is null or JSON's null. */
    public static void replace(ObjectNode object, String field, @Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            object.remove(field);
        } else {
            object.set(field, value);
        }
    }

    /** A time as Kubernetes writes it in metadata: seconds, UTC. */
    public static String time(Instant instant) {
        return DateTimeFormatter.ISO_INSTANT.format(instant.truncatedTo(ChronoUnit.SECONDS));
    }

    private static Map<String, String> strings(JsonNode map) {
        if (!(map instanceof ObjectNode object) || object.isEmpty()) {
            return Map.of();
        }
        var result = new TreeMap<String, String>();
        for (var entry : object.properties()) {
            result.put(entry.getKey(), entry.getValue().asString(""));
        }
        return result;
    }
}
