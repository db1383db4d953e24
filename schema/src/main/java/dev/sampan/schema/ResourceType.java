package dev.sampan.schema;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One served collection: a kind in one version, how it is named, and what may be done with it.
 *
 * @param gvk kind of the objects
 * @param plural name in paths, such as {@code deployments}
 * @param singular lower-case singular name, such as {@code deployment}
 * @param namespaced whether its objects live in a namespace
 * @param shortNames names kubectl accepts besides plural and singular, such as {@code deploy}
 * @param categories groupings such as {@code all}
 * @param verbs API verbs of the collection and its objects, as discovery lists them
 * @param subresources parts with their own path
 * @param schema structure of the objects
 * @param storageVersion version in which objects are stored; equal to {@code gvk.version()} unless a kind has several
 */
public record ResourceType(
        GroupVersionKind gvk,
        String plural,
        String singular,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        Set<String> verbs,
        List<Subresource> subresources,
        Schema schema,
        String storageVersion) {

    /** This collection's name in paths. */
    public GroupVersionResource gvr() {
        return new GroupVersionResource(gvk.group(), gvk.version(), plural);
    }

    /** The subresource of that name. */
    public Optional<Subresource> subresource(String name) {
        return subresources.stream().filter(s -> s.name().equals(name)).findFirst();
    }
}
