package dev.sampan.apiserver;

/** A kind without version, such as {@code Deployment.apps}; group is empty for the core group. */
public record GroupKind(String group, String kind) {

    @Override
    public String toString() {
        return group.isEmpty() ? kind : kind + "." + group;
    }
}
