package dev.sampan.schema.apply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code metadata.managedFields}: who set which fields, by what operation, through which subresource. */
final class ManagedFields {

    static final String APPLY = "Apply";
    static final String UPDATE = "Update";

    /** Who; an applier is the same whatever version it applies. */
    record Manager(String name, String operation, String apiVersion, String subresource) {

        static Manager applier(String name, String subresource) {
            return new Manager(name, APPLY, "", subresource);
        }

        static Manager updater(String name, String apiVersion, String subresource) {
            return new Manager(name, UPDATE, apiVersion, subresource);
        }

        boolean applies() {
            return operation.equals(APPLY);
        }
    }

    /** What, in which version's terms, and when (RFC 3339 with seconds). */
    record Owned(
            FieldSet fields, String apiVersion, @Nullable String time) {

        Owned with(FieldSet newFields) {
            return new Owned(newFields, apiVersion, time);
        }
    }

    private ManagedFields() {}

    /** Entries that cannot be read make the whole unreadable, which counts as none. */
    static Map<Manager, Owned> decode(@Nullable JsonNode managedFields) {
        var managers = new LinkedHashMap<Manager, Owned>();
        if (managedFields == null) {
            return managers;
        }
        try {
            for (var entry : managedFields) {
                var operation = entry.path("operation").asString("");
                var apiVersion = entry.path("apiVersion").asString("");
                var manager = new Manager(
                        entry.path("manager").asString(""),
                        operation,
                        operation.equals(APPLY) ? "" : apiVersion,
                        entry.path("subresource").asString(""));
                var time = entry.get("time");
                managers.put(
                        manager,
                        new Owned(
                                FieldSet.decode(entry.path("fieldsV1")),
                                apiVersion,
                                time == null || !time.isString() ? null : time.stringValue()));
            }
        } catch (IllegalArgumentException | dev.sampan.schema.codec.DecodeException unreadable) {
            return new LinkedHashMap<>();
        }
        return managers;
    }

    /** A client asks to forget all managers with a list of one empty entry. */
    static boolean isReset(@Nullable JsonNode managedFields) {
        return managedFields != null
                && managedFields.size() == 1
                && managedFields.get(0).isEmpty();
    }

    static ArrayNode encode(Map<Manager, Owned> managers) {
        var entries = new ArrayList<>(managers.entrySet());
        entries.sort(Comparator.<Map.Entry<Manager, Owned>, String>comparing(
                        e -> e.getKey().operation())
                .thenComparing(
                        e -> e.getValue().time() == null ? "" : e.getValue().time())
                .thenComparing(e -> e.getKey().name())
                .thenComparing(e -> e.getValue().apiVersion())
                .thenComparing(e -> e.getKey().subresource()));
        var array = JsonNodeFactory.instance.arrayNode();
        entries.forEach(e -> array.add(entry(e.getKey(), e.getValue())));
        return array;
    }

    private static ObjectNode entry(Manager manager, Owned owned) {
        var entry = JsonNodeFactory.instance.objectNode();
        entry.put("manager", manager.name());
        entry.put("operation", manager.operation());
        entry.put("apiVersion", owned.apiVersion());
        if (owned.time() != null) {
            entry.put("time", owned.time());
        }
        entry.put("fieldsType", "FieldsV1");
        entry.set("fieldsV1", owned.fields().encode());
        if (!manager.subresource().isEmpty()) {
            entry.put("subresource", manager.subresource());
        }
        return entry;
    }
}
