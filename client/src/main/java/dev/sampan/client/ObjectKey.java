package dev.sampan.client;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * Names one object of a kind; what work queues hold.
 *
 * @param namespace empty for cluster-scoped kinds
 */
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {

    public static ObjectKey of(HasMetadata object) {
        var metadata = object.getMetadata();
        return new ObjectKey(metadata.getNamespace() == null ? "" : metadata.getNamespace(), metadata.getName());
    }

    @Override
    public int compareTo(ObjectKey other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    /** {@code namespace/name}, or only the name when cluster-scoped. */
    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
