package dev.sampan.apiserver.aggregation;

import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Adds other servers' group versions to discovery documents. Pure functions. */
final class Merge {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Merge() {}

    /** Groups in the order of priority, each with its versions in theirs. */
    private static List<List<Remote>> groups(Collection<Remote> remotes) {
        var byGroup = new TreeMap<String, List<Remote>>();
        for (var remote : remotes) {
            byGroup.computeIfAbsent(remote.group(), g -> new ArrayList<>()).add(remote);
        }
        byGroup.values()
                .forEach(l -> l.sort(Comparator.comparingInt(Remote::versionPriority)
                        .reversed()
                        .thenComparing(Remote::version)));
        return byGroup.values().stream()
                .sorted(Comparator.comparingInt(
                        (List<Remote> l) -> -l.getFirst().groupPriority()))
                .toList();
    }

    /** {@code /apis}, plain or aggregated. */
    static ObjectNode all(ObjectNode local, Collection<Remote> remotes) {
        boolean plain = Meta.text(local, "kind").equals("APIGroupList");
        var list = local.withArray(plain ? "groups" : "items");
        for (var group : groups(remotes)) {
            var name = group.getFirst().group();
            var present = find(list, plain, name);
            if (plain) {
                plainGroup(present == null ? list.addObject() : present, group);
            } else {
                aggregatedGroup(present == null ? list.addObject() : present, group);
            }
        }
        return local;
    }

    private static @Nullable ObjectNode find(ArrayNode list, boolean plain, String name) {
        for (var item : list) {
            if ((plain ? Meta.text(item, "name") : Meta.name(item)).equals(name)) {
                return (ObjectNode) item;
            }
        }
        return null;
    }

    /** {@code /apis/GROUP}. @param local null when only others have the group */
    static ObjectNode group(@Nullable ObjectNode local, List<Remote> remotes) {
        var result = local == null ? JSON.objectNode().put("kind", "APIGroup").put("apiVersion", "v1") : local;
        plainGroup(result, groups(remotes).getFirst());
        return result;
    }

    private static void plainGroup(ObjectNode item, List<Remote> group) {
        item.put("name", group.getFirst().group());
        var versions = item.withArray("versions");
        for (var remote : group) {
            if (!has(versions, remote.version())) {
                versions.addObject().put("groupVersion", remote.groupVersion()).put("version", remote.version());
            }
        }
        if (!item.has("preferredVersion")) {
            item.set("preferredVersion", versions.get(0).deepCopy());
        }
    }

    private static boolean has(ArrayNode versions, String version) {
        for (var item : versions) {
            if (Meta.text(item, "version").equals(version)) {
                return true;
            }
        }
        return false;
    }

    private static void aggregatedGroup(ObjectNode item, List<Remote> group) {
        item.withObject("/metadata").put("name", group.getFirst().group());
        var versions = item.withArray("versions");
        for (var remote : group) {
            if (has(versions, remote.version())) {
                continue;
            }
            var version = versions.addObject().put("version", remote.version());
            var resources = version.putArray("resources");
            if (remote.resources() != null) {
                resources(resources, remote.resources(), remote);
            }
            version.put("freshness", remote.available() ? "Current" : "Stale");
        }
    }

    private static void resources(ArrayNode target, JsonNode list, Remote remote) {
        for (var resource : list.path("resources")) {
            var name = Meta.text(resource, "name");
            int slash = name.indexOf('/');
            if (slash < 0) {
                var item = target.addObject().put("resource", name);
                item.set("responseKind", kind(resource, remote));
                item.put("scope", resource.path("namespaced").booleanValue(false) ? "Namespaced" : "Cluster");
                item.put("singularResource", Meta.text(resource, "singularName"));
                for (var field : List.of("verbs", "shortNames", "categories")) {
                    if (!resource.path(field).isEmpty()) {
                        item.set(field, resource.get(field));
                    }
                }
            } else {
                for (var parent : target) {
                    if (Meta.text(parent, "resource").equals(name.substring(0, slash))) {
                        var sub =
                                ((ObjectNode) parent).withArray("subresources").addObject();
                        sub.put("subresource", name.substring(slash + 1));
                        sub.set("responseKind", kind(resource, remote));
                        sub.set("verbs", resource.path("verbs"));
                    }
                }
            }
        }
    }

    private static ObjectNode kind(JsonNode resource, Remote remote) {
        var group = Meta.text(resource, "group");
        var version = Meta.text(resource, "version");
        return JSON.objectNode()
                .put("group", group.isEmpty() ? remote.group() : group)
                .put("version", version.isEmpty() ? remote.version() : version)
                .put("kind", Meta.text(resource, "kind"));
    }
}
