package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.ResourceType;

/**
 * How the objects of one resource are stored, whatever versions they are served in.
 *
 * @param type the resource in its storage version
 * @param rules what is special about the kind
 * @param custom whether a CustomResourceDefinition defines it
 * @param generation whether {@code metadata.generation} counts changes of the specification
 */
public record StorageType(ResourceType type, KindRules rules, boolean custom, boolean generation) {

    private static final String ROOT = "/registry/";

    public GroupResource resource() {
        return new GroupResource(type.gvk().group(), type.plural());
    }

    public GroupKind kind() {
        return new GroupKind(type.gvk().group(), type.gvk().kind());
    }

    public boolean namespaced() {
        return type.namespaced();
    }

    public boolean hasStatus() {
        return type.subresource("status").isPresent();
    }

    /** What the keys of all objects start with. */
    public String prefix() {
        var group = type.gvk().group();
        return ROOT + (group.isEmpty() ? "core" : group) + "/" + type.plural() + "/";
    }

    /** What the keys of a namespace's objects start with; of all objects when {@code namespace} is empty. */
    public String prefix(String namespace) {
        return namespace.isEmpty() ? prefix() : prefix() + namespace + "/";
    }

    /** The key of an object; {@code namespace} is ignored for cluster-scoped resources. */
    public String key(String namespace, String name) {
        return namespaced() ? prefix() + namespace + "/" + name : prefix() + name;
    }
}
