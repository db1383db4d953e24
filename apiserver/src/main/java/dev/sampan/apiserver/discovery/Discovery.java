package dev.sampan.apiserver.discovery;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.TypeTable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Plain discovery documents: {@code /api}, {@code /apis} and what lies below. Stateless. */
public final class Discovery {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Discovery() {}

    /** {@code /api}. */
    public static ObjectNode coreVersions(String serverAddress) {
        var result = NODES.objectNode().put("kind", "APIVersions");
        result.putArray("versions").add("v1");
        result.putArray("serverAddressByClientCIDRs")
                .addObject()
                .put("clientCIDR", "0.0.0.0/0")
                .put("serverAddress", serverAddress);
        return result;
    }

    /** {@code /apis}. */
    public static ObjectNode groups(TypeTable table) {
        var result = NODES.objectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        var groups = result.putArray("groups");
        versions(table).forEach((group, versions) -> {
            if (!group.isEmpty()) {
                groups.add(group(group, versions));
            }
        });
        return result;
    }

    /** {@code /apis/GROUP}. @throws ApiException 404 */
    public static ObjectNode group(TypeTable table, String group) {
        var versions = versions(table).get(group);
        if (versions == null) {
            throw ApiException.pageNotFound();
        }
        var result = NODES.objectNode().put("kind", "APIGroup").put("apiVersion", "v1");
        result.setAll(group(group, versions));
        return result;
    }

    /** {@code /api/v1} or {@code /apis/GROUP/VERSION}. @throws ApiException 404 */
    public static ObjectNode resources(TypeTable table, String group, String version) {
        var types = table.inGroupVersion(group, version);
        if (types.isEmpty()) {
            throw ApiException.pageNotFound();
        }
        var result = NODES.objectNode().put("kind", "APIResourceList");
        if (!group.isEmpty()) {
            result.put("apiVersion", "v1");
        }
        result.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
        var resources = result.putArray("resources");
        for (var served : sorted(types)) {
            resources.add(resource(served));
            for (var sub : served.type().subresources()) {
                var item = resources
                        .addObject()
                        .put("name", served.type().plural() + "/" + sub.name())
                        .put("singularName", "")
                        .put("namespaced", served.namespaced());
                if (!sub.kind().apiVersion().equals(served.gvk().apiVersion())) {
                    item.put("group", sub.kind().group())
                            .put("version", sub.kind().version());
                }
                item.put("kind", sub.kind().kind());
                verbs(item, sub.verbs());
            }
        }
        return result;
    }

    /** Versions by group, both in the order in which clients should prefer them. */
    static Map<String, List<String>> versions(TypeTable table) {
        var groups = new LinkedHashMap<String, TreeSet<String>>();
        for (var type : table.all()) {
            groups.computeIfAbsent(type.gvk().group(), g -> new TreeSet<>(VersionOrder.NEWEST_FIRST))
                    .add(type.gvk().version());
        }
        var result = new TreeMap<String, List<String>>(GroupOrder::compare);
        groups.forEach((group, versions) -> result.put(group, List.copyOf(versions)));
        return result;
    }

    static List<ServedType> sorted(Collection<ServedType> types) {
        return types.stream()
                .sorted((a, b) -> a.type().plural().compareTo(b.type().plural()))
                .toList();
    }

    static void verbs(ObjectNode item, Collection<String> verbs) {
        var array = item.putArray("verbs");
        new TreeSet<>(verbs).forEach(array::add);
    }

    private static ObjectNode group(String group, List<String> versions) {
        var item = NODES.objectNode().put("name", group);
        var array = item.putArray("versions");
        for (var version : versions) {
            array.addObject().put("groupVersion", group + "/" + version).put("version", version);
        }
        var preferred = versions.getFirst();
        item.putObject("preferredVersion")
                .put("groupVersion", group + "/" + preferred)
                .put("version", preferred);
        return item;
    }

    private static ObjectNode resource(ServedType served) {
        var type = served.type();
        var item = NODES.objectNode()
                .put("name", type.plural())
                .put("singularName", type.singular())
                .put("namespaced", type.namespaced())
                .put("kind", type.gvk().kind());
        verbs(item, type.verbs());
        if (!type.shortNames().isEmpty()) {
            type.shortNames().forEach(item.putArray("shortNames")::add);
        }
        if (!type.categories().isEmpty()) {
            type.categories().forEach(item.putArray("categories")::add);
        }
        return item.put("storageVersionHash", StorageHash.of(served.storage()));
    }
}
