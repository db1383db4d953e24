package dev.sampan.schema;

import java.util.Set;

/**
 * A part of an object with its own path and permissions, such as {@code pods/status}.
 *
 * @param name path below the object, such as {@code scale}
 * @param kind kind of its bodies, often not the parent's ({@code autoscaling/v1, Kind=Scale})
 * @param verbs API verbs, as discovery lists them
 */
public record Subresource(String name, GroupVersionKind kind, Set<String> verbs) {}
