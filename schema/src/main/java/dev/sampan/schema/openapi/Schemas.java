package dev.sampan.schema.openapi;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.ResourceType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The {@code components.schemas} of a document: those of the served kinds and all that they refer to. */
final class Schemas {

    static final String PREFIX = "#/components/schemas/";
    static final GroupVersionKind STATUS = new GroupVersionKind("", "v1", "Status");
    static final GroupVersionKind DELETE_OPTIONS = new GroupVersionKind("", "v1", "DeleteOptions");

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final Set<String> OWN_EXTENSIONS = Set.of("x-proto", "x-zero");

    private final BuiltinCatalog catalog;
    private final Map<String, ObjectNode> written = new TreeMap<>();
    private final Map<GroupVersionKind, String> customNames = new HashMap<>();
    private final Deque<String> wanted = new ArrayDeque<>();
    private final Set<String> seen = new HashSet<>();

    Schemas(BuiltinCatalog catalog) {
        this.catalog = catalog;
        written.put(
                META + "Patch",
                JsonNodeFactory.instance
                        .objectNode()
                        .put(
                                "description",
                                "Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.")
                        .put("type", "object"));
    }

    static ObjectNode gvk(GroupVersionKind kind) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("group", kind.group())
                .put("kind", kind.kind())
                .put("version", kind.version());
    }

    /** {@code AppsV1} and the like, inside operation ids. */
    static String camelGroup(GroupVersionKind kind) {
        var group = kind.group().isEmpty() ? "core" : kind.group().replaceFirst("\\.k8s\\.io$", "");
        var out = new StringBuilder();
        for (var part : (group + "." + kind.version()).split("[.-]")) {
            out.append(part.substring(0, 1).toUpperCase(Locale.ROOT)).append(part.substring(1));
        }
        return out.toString();
    }

    static String tag(GroupVersionKind kind) {
        return (kind.group().isEmpty() ? "core" : kind.group().replaceFirst("\\.k8s\\.io$", "")) + "_" + kind.version();
    }

    /** Writes the kind's schema and its list's. */
    void add(ResourceType type) {
        if (type.schema().builtin()) {
            reference(JsonNodeFactory.instance.objectNode(), type.gvk());
        } else {
            custom(type);
        }
    }

    private void custom(ResourceType type) {
        var name = customName(type.gvk());
        customNames.put(type.gvk(), name);
        var schema = (ObjectNode) type.schema().json().deepCopy();
        schema.remove("x-kubernetes-embedded-resource");
        var properties = schema.withObject("properties");
        properties.set(
                "apiVersion", property("APIVersion defines the versioned schema of this representation of an object."));
        properties.set(
                "kind", property("Kind is a string value representing the REST resource this object represents."));
        properties.set("metadata", meta("ObjectMeta", "Standard object's metadata."));
        putGvk(schema, List.of(type.gvk()));
        written.put(name, schema);
        customList(type.gvk(), name);
    }

    private void customList(GroupVersionKind kind, String item) {
        customNames.put(kind.list(), item + "List");
        var list = JsonNodeFactory.instance.objectNode();
        list.put("description", kind.kind() + "List is a list of " + kind.kind())
                .put("type", "object");
        list.putArray("required").add("items");
        var properties = list.putObject("properties");
        properties.set(
                "apiVersion", property("APIVersion defines the versioned schema of this representation of an object."));
        var items = properties
                .putObject("items")
                .put("description", "List of objects.")
                .put("type", "array");
        items.putObject("items").put("$ref", PREFIX + item);
        properties.set(
                "kind", property("Kind is a string value representing the REST resource this object represents."));
        properties.set("metadata", meta("ListMeta", "Standard list metadata."));
        putGvk(list, List.of(kind.list()));
        written.put(item + "List", list);
    }

    private static ObjectNode property(String description) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("description", description)
                .put("type", "string");
    }

    private ObjectNode meta(String kind, String description) {
        want(META + kind);
        var property = JsonNodeFactory.instance.objectNode();
        property.putArray("allOf").addObject().put("$ref", PREFIX + META + kind);
        return property.put("description", description);
    }

    /** {@code com.example.stable.v1.CronTab}: the group backwards, as Kubernetes names custom kinds. */
    static String customName(GroupVersionKind kind) {
        var parts = new ArrayList<>(List.of(kind.group().split("\\.")));
        Collections.reverse(parts);
        return String.join(".", parts) + "." + kind.version() + "." + kind.kind();
    }

    /** Makes {@code into} a reference to the kind's schema; any object when the kind has none. */
    void reference(ObjectNode into, GroupVersionKind kind) {
        var custom = customNames.get(kind);
        var name = custom != null ? custom : catalog.definitionOf(kind).orElse(null);
        if (name == null) {
            into.put("type", "object");
            return;
        }
        if (custom == null) {
            want(name);
        }
        into.put("$ref", PREFIX + name);
    }

    private void want(String definition) {
        if (seen.add(definition)) {
            wanted.add(definition);
        }
    }

    /** All schemas by name. */
    ObjectNode write(String group, String version) {
        while (!wanted.isEmpty()) {
            var name = wanted.poll();
            var schema = convert(catalog.definitionJson(name));
            var kind = new GroupVersionKind(group, version, name.substring(name.lastIndexOf('.') + 1));
            if (catalog.definitionOf(kind).filter(name::equals).isPresent()
                    && schema.path("properties").has("kind")) {
                putGvk(schema, List.of(kind));
            }
            written.put(name, schema);
        }
        var schemas = JsonNodeFactory.instance.objectNode();
        written.forEach(schemas::set);
        return schemas;
    }

    private static void putGvk(ObjectNode schema, List<GroupVersionKind> kinds) {
        var array = schema.putArray("x-kubernetes-group-version-kind");
        kinds.forEach(k -> array.add(gvk(k)));
    }

    /** From the catalogue's form to OpenAPI v3's: full references, nothing beside a bare one, no extensions of our own. */
    private ObjectNode convert(ObjectNode schema) {
        if (schema.path("$ref").isString()) {
            return reference(schema);
        }
        var out = JsonNodeFactory.instance.objectNode();
        for (var entry : schema.properties()) {
            var value = entry.getValue();
            switch (entry.getKey()) {
                case "properties" -> {
                    var properties = out.putObject("properties");
                    value.properties().forEach(p -> properties.set(p.getKey(), convert((ObjectNode) p.getValue())));
                }
                case "items", "additionalProperties" -> out.set(entry.getKey(), convert((ObjectNode) value));
                default -> {
                    if (!OWN_EXTENSIONS.contains(entry.getKey())) {
                        out.set(entry.getKey(), value);
                    }
                }
            }
        }
        return out;
    }

    private ObjectNode reference(ObjectNode object) {
        var target = object.get("$ref").stringValue();
        want(target);
        var out = JsonNodeFactory.instance.objectNode();
        out.putArray("allOf").addObject().put("$ref", PREFIX + target);
        for (var entry : object.properties()) {
            if (!entry.getKey().equals("$ref") && !OWN_EXTENSIONS.contains(entry.getKey())) {
                out.set(entry.getKey(), entry.getValue());
            }
        }
        return out.size() == 1 ? JsonNodeFactory.instance.objectNode().put("$ref", PREFIX + target) : out;
    }
}
