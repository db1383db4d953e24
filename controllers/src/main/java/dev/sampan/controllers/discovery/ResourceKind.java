package dev.sampan.controllers.discovery;

import java.util.Set;

/**
 * A resource that the cluster serves.
 *
 * @param group empty for the core group
 * @param plural the resource's name in paths
 */
public record ResourceKind(
        String group, String version, String plural, String kind, boolean namespaced, Set<String> verbs) {

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Path of the collection; of all namespaces when the namespace is empty. */
    public String path(String namespace) {
        var root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return namespaced && !namespace.isEmpty()
                ? root + "/namespaces/" + namespace + "/" + plural
                : root + "/" + plural;
    }

    public String path(String namespace, String name) {
        return path(namespace) + "/" + name;
    }

    /** {@code deployments.apps}; for the core group {@code pods.}, as upstream's messages have it. */
    public String resourceAndGroup() {
        return plural + "." + group;
    }
}
