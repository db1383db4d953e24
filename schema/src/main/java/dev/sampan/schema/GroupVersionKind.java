package dev.sampan.schema;

/**
 * Names a kind of object in one version of an API group.
 *
 * @param group API group; the empty string is the core group
 * @param version version of the group, such as {@code v1}
 * @param kind kind in CamelCase, such as {@code Pod}
 */
public record GroupVersionKind(String group, String version, String kind) {

    /**
     * Reads the two fields that every object carries.
     *
     * @param apiVersion {@code v1} for the core group, otherwise {@code group/version}
     * @param kind kind in CamelCase
     * @throws IllegalArgumentException when {@code apiVersion} has more than one slash
     */
    public static GroupVersionKind parse(String apiVersion, String kind) {
        var slash = apiVersion.indexOf('/');
        if (slash < 0) {
            return new GroupVersionKind("", apiVersion, kind);
        }
        if (apiVersion.indexOf('/', slash + 1) >= 0) {
            throw new IllegalArgumentException("unexpected GroupVersion string: " + apiVersion);
        }
        return new GroupVersionKind(apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
    }

    /** The value of {@code apiVersion} in an object of this kind. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** The kind of a list of such objects. */
    public GroupVersionKind list() {
        return new GroupVersionKind(group, version, kind + "List");
    }

    /** As Kubernetes prints it in messages: {@code apps/v1, Kind=Deployment}. */
    @Override
    public String toString() {
        return apiVersion() + ", Kind=" + kind;
    }
}
