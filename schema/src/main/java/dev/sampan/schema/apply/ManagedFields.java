package dev.sampan.schema.apply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code metadata.managedFields}: who set which fields, by what operation, through which subresource. */
public final class ManagedFields {

    /** What an entry consists of besides its time. */
    private static final List<String> PARTS =
            List.of("manager", "operation", "apiVersion", "subresource", "fieldsType", "fieldsV1");

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

    /**
     * What, in which version's terms, and when (RFC 3339 with seconds). Written entries are read only when somebody looks at
     * their fields: most writes change nothing of what most managers own. Owned by the thread of one request.
     */
    static final class Owned {

        private final String apiVersion;
        private final @Nullable String time;
        private final @Nullable JsonNode written;
        private @Nullable FieldSet fields;

        private Owned(@Nullable FieldSet fields, @Nullable JsonNode written, String apiVersion, @Nullable String time) {
            this.fields = fields;
            this.written = written;
            this.apiVersion = apiVersion;
            this.time = time;
        }

        Owned(FieldSet fields, String apiVersion, @Nullable String time) {
            this(fields, null, apiVersion, time);
        }

        String apiVersion() {
            return apiVersion;
        }

        @Nullable
        String time() {
            return time;
        }

        FieldSet fields() {
            var known = fields;
            if (known == null) {
                known = FieldSet.decode(Objects.requireNonNull(written));
                fields = known;
            }
            return known;
        }

        /** Whether one can tell without reading that none of the fields is owned. */
        boolean isApartFrom(FieldSet others) {
            return written != null && others.isApartFrom(written);
        }

        Owned with(FieldSet newFields) {
            return new Owned(newFields, apiVersion, time);
        }

        /** The same and more, set now. */
        Owned and(FieldSet more, String now) {
            return fields().containsAll(more)
                    ? new Owned(fields(), written, apiVersion, now)
                    : new Owned(fields().union(more), apiVersion, now);
        }

        private JsonNode write() {
            return written == null ? fields().encode() : written;
        }
    }

    private ManagedFields() {}

    /** Entries of a client; one that cannot be read makes the whole unreadable, which counts as none. */
    static Map<Manager, Owned> decodeForeign(@Nullable JsonNode managedFields) {
        var managers = decode(managedFields);
        try {
            managers.values().forEach(Owned::fields);
            return managers;
        } catch (IllegalArgumentException | dev.sampan.schema.codec.DecodeException unreadable) {
            return new LinkedHashMap<>();
        }
    }

    /** Entries that were written here. */
    static Map<Manager, Owned> decode(@Nullable JsonNode managedFields) {
        var managers = new LinkedHashMap<Manager, Owned>();
        if (managedFields != null) {
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
                                null,
                                entry.path("fieldsV1"),
                                apiVersion,
                                time == null || !time.isString() ? null : time.stringValue()));
            }
        }
        return managers;
    }

    /** A client asks to forget all managers with a list of one empty entry. */
    static boolean isReset(@Nullable JsonNode managedFields) {
        return managedFields != null
                && managedFields.size() == 1
                && managedFields.get(0).isEmpty();
    }

    /** Whether two lists of entries say the same but for when. */
    public static boolean sameButTimes(JsonNode managedFields, JsonNode others) {
        if (managedFields.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < managedFields.size(); i++) {
            for (var part : PARTS) {
                if (!managedFields.get(i).path(part).equals(others.get(i).path(part))) {
                    return false;
                }
            }
        }
        return true;
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
        entry.set("fieldsV1", owned.write());
        if (!manager.subresource().isEmpty()) {
            entry.put("subresource", manager.subresource());
        }
        return entry;
    }
}
