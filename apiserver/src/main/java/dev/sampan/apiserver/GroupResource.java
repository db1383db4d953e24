package dev.sampan.apiserver;

/** A resource without version, such as {@code deployments.apps}; group is empty for the core group. */
public record GroupResource(String group, String resource) {

    @Override
    public String toString() {
        return group.isEmpty() ? resource : resource + "." + group;
    }
}
