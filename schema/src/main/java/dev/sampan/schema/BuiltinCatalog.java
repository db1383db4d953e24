package dev.sampan.schema;

import dev.sampan.schema.codec.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The built-in kinds: what is served and how it is structured. Immutable; definitions are read when first asked for.
 *
 * <p>The build writes the catalogue: a line with the collections, a line with the names and lengths of
 * the definitions, and a line for each of these.
 */
public final class BuiltinCatalog implements Schema.Definitions {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final Set<String> META_KINDS = Set.of(
            "DeleteOptions",
            "CreateOptions",
            "UpdateOptions",
            "PatchOptions",
            "GetOptions",
            "ListOptions",
            "WatchEvent",
            "Status",
            "APIGroup",
            "APIGroupList",
            "APIResourceList",
            "APIVersions",
            "PartialObjectMetadata",
            "PartialObjectMetadataList");

    /** The one copy; like a constant, it never changes. */
    private static final class Loaded {
        private static final BuiltinCatalog CATALOG = new BuiltinCatalog(readResource());
    }

    private record Line(int start, int end) {}

    private final byte[] bytes;
    private final Map<String, Line> lines = new HashMap<>();
    private final Map<String, Schema> definitions = new ConcurrentHashMap<>();
    private final Map<GroupVersionResource, ResourceType> byResource = new HashMap<>();
    private final Map<GroupVersionKind, ResourceType> byKind = new HashMap<>();
    private final Map<String, String> packages = new HashMap<>();
    private final List<ResourceType> types = new ArrayList<>();

    private BuiltinCatalog(byte[] bytes) {
        this.bytes = bytes;
        Json.read(bytes, 0, index()).tree().forEach(this::add);
        types.sort((a, b) -> a.gvr().toString().compareTo(b.gvr().toString()));
    }

    /** Opens the catalogue that the build generated; every call gives the same one. */
    public static BuiltinCatalog load() {
        return Loaded.CATALOG;
    }

    private static byte[] readResource() {
        try (var in = BuiltinCatalog.class.getResourceAsStream("catalog.jsonl")) {
            if (in == null) {
                throw new IllegalStateException("catalog.jsonl is missing: build the schema module with Maven");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the second line, which says how long each definition is; returns the end of the first. */
    private int index() {
        int first = lineEnd(0);
        int second = lineEnd(first + 1);
        int start = second + 1;
        for (var entry : new String(bytes, first + 1, second - first - 1, StandardCharsets.US_ASCII).split(" ")) {
            var equals = entry.indexOf('=');
            int end = start + Integer.parseInt(entry.substring(equals + 1));
            lines.put(entry.substring(0, equals), new Line(start, end));
            start = end + 1;
        }
        return first;
    }

    private int lineEnd(int from) {
        int end = from;
        while (bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    private void add(JsonNode node) {
        var definition = node.get("definition").stringValue();
        var gvk = gvk(node);
        var subresources = new ArrayList<Subresource>();
        for (var sub : node.get("subresources")) {
            subresources.add(
                    new Subresource(sub.get("name").stringValue(), gvk(sub), Set.copyOf(strings(sub.get("verbs")))));
        }
        var type = new ResourceType(
                gvk,
                node.get("plural").stringValue(),
                node.get("singular").stringValue(),
                node.get("namespaced").booleanValue(),
                strings(node.get("shortNames")),
                strings(node.get("categories")),
                Set.copyOf(strings(node.get("verbs"))),
                List.copyOf(subresources),
                reference(definition),
                gvk.version());
        types.add(type);
        byResource.put(type.gvr(), type);
        byKind.put(gvk, type);
        packages.put(gvk.apiVersion(), definition.substring(0, definition.lastIndexOf('.') + 1));
    }

    private Schema reference(String definition) {
        return new SchemaReader(this).read(JsonNodeFactory.instance.objectNode().put("$ref", definition), null);
    }

    private static GroupVersionKind gvk(JsonNode node) {
        return new GroupVersionKind(
                node.get("group").stringValue(),
                node.get("version").stringValue(),
                node.get("kind").stringValue());
    }

    private static List<String> strings(JsonNode array) {
        var out = new ArrayList<String>();
        array.forEach(s -> out.add(s.stringValue()));
        return List.copyOf(out);
    }

    /** Every built-in collection, ordered by group, version and plural. */
    public Collection<ResourceType> types() {
        return List.copyOf(types);
    }

    public Optional<ResourceType> find(GroupVersionResource resource) {
        return Optional.ofNullable(byResource.get(resource));
    }

    public Optional<ResourceType> find(GroupVersionKind kind) {
        return Optional.ofNullable(byKind.get(kind));
    }

    /**
     * Schema of any built-in kind: of collections, of their lists, and of bodies such as {@code Scale}, {@code Eviction},
     * {@code TokenRequest}, {@code Status}; {@code DeleteOptions} and its like in every group version.
     */
    public Optional<Schema> schema(GroupVersionKind kind) {
        return definitionOf(kind).map(this::definition);
    }

    /** Name of the definition of a kind, such as {@code io.k8s.api.core.v1.Pod}. */
    public Optional<String> definitionOf(GroupVersionKind kind) {
        if (META_KINDS.contains(kind.kind())
                && (packages.containsKey(kind.apiVersion()) || kind.group().equals("meta.k8s.io"))) {
            return Optional.of(META + kind.kind());
        }
        var folder = packages.get(kind.apiVersion());
        return Optional.ofNullable(folder).map(f -> f + kind.kind()).filter(lines::containsKey);
    }

    /** Names of all definitions. */
    public SortedSet<String> definitionNames() {
        return new TreeSet<>(lines.keySet());
    }

    /** @throws IllegalArgumentException for a name that is not among {@link #definitionNames()} */
    @Override
    public Schema definition(String name) {
        var known = definitions.get(name);
        if (known == null) {
            // Not computeIfAbsent: reading may recurse into another definition.
            var read = new SchemaReader(this).read(definitionJson(name), name);
            known = definitions.merge(name, read, (old, young) -> old);
        }
        return known;
    }

    /** The OpenAPI schema of a definition, with the catalogue's own {@code x-proto} and bare names in {@code $ref}. */
    public ObjectNode definitionJson(String name) {
        var line = lines.get(name);
        if (line == null) {
            throw new IllegalArgumentException("no definition " + name);
        }
        return (ObjectNode) Json.read(bytes, line.start, line.end - line.start).tree();
    }

    /** Structure of {@code metadata}. */
    public Schema objectMeta() {
        return reference(META + "ObjectMeta");
    }
}
