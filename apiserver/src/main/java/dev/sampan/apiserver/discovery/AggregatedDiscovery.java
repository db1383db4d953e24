package dev.sampan.apiserver.discovery;

import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.TypeTable;
import dev.sampan.schema.GroupVersionKind;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Aggregated discovery: one document for everything below {@code /api} or {@code /apis}. Stateless. */
public final class AggregatedDiscovery {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private AggregatedDiscovery() {}

    /**
     * The document.
     *
     * @param core whether it is the one of {@code /api}
     * @param version {@code v2} or {@code v2beta1}
     */
    public static ObjectNode of(TypeTable table, boolean core, String version) {
        var result = NODES.objectNode()
                .put("kind", "APIGroupDiscoveryList")
                .put("apiVersion", "apidiscovery.k8s.io/" + version);
        result.putObject("metadata");
        var items = result.putArray("items");
        Discovery.versions(table).forEach((group, versions) -> {
            if (group.isEmpty() == core) {
                addGroup(items.addObject(), table, group, versions);
            }
        });
        return result;
    }

    private static void addGroup(ObjectNode item, TypeTable table, String group, List<String> versions) {
        var metadata = item.putObject("metadata");
        if (!group.isEmpty()) {
            metadata.put("name", group);
        }
        metadata.putNull("creationTimestamp");
        var array = item.putArray("versions");
        for (var version : versions) {
            var entry = array.addObject().put("version", version);
            var resources = entry.putArray("resources");
            for (var served : Discovery.sorted(table.inGroupVersion(group, version))) {
                addResource(resources, served);
            }
            entry.put("freshness", "Current");
        }
    }

    private static void addResource(ArrayNode resources, ServedType served) {
        var type = served.type();
        var item = resources.addObject().put("resource", type.plural());
        item.set("responseKind", kind(type.gvk(), served.gvk()));
        item.put("scope", type.namespaced() ? "Namespaced" : "Cluster").put("singularResource", type.singular());
        Discovery.verbs(item, type.verbs());
        if (!type.shortNames().isEmpty()) {
            type.shortNames().forEach(item.putArray("shortNames")::add);
        }
        if (!type.categories().isEmpty()) {
            type.categories().forEach(item.putArray("categories")::add);
        }
        if (!type.subresources().isEmpty()) {
            var subresources = item.putArray("subresources");
            for (var sub : type.subresources()) {
                var entry = subresources.addObject().put("subresource", sub.name());
                entry.set("responseKind", kind(sub.kind(), served.gvk()));
                Discovery.verbs(entry, sub.verbs());
            }
        }
    }

    private static ObjectNode kind(GroupVersionKind kind, GroupVersionKind parent) {
        boolean same = kind.apiVersion().equals(parent.apiVersion());
        return NODES.objectNode()
                .put("group", same ? "" : kind.group())
                .put("version", same ? "" : kind.version())
                .put("kind", kind.kind());
    }
}
