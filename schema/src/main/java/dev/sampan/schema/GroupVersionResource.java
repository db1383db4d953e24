package dev.sampan.schema;

/**
 * Names a collection in one version of an API group, as it stands in a request's path.
 *
 * @param group API group; the empty string is the core group
 * @param version version of the group
 * @param resource plural, lower-case name, such as {@code pods}
 */
public record GroupVersionResource(String group, String version, String resource) {

    /** {@code v1} for the core group, otherwise {@code group/version}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** As Kubernetes names a resource in messages: {@code deployments.apps}, {@code pods}. */
    public String groupResource() {
        return group.isEmpty() ? resource : resource + "." + group;
    }

    /** As Kubernetes prints it in messages: {@code apps/v1, Resource=deployments}. */
    @Override
    public String toString() {
        return apiVersion() + ", Resource=" + resource;
    }
}
