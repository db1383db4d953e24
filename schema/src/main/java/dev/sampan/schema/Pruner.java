package dev.sampan.schema;

import tools.jackson.databind.node.ObjectNode;

/** Drops what a schema does not know, as the API server does when it decodes a built-in kind or prunes a custom resource. */
public final class Pruner {

    private Pruner() {}

    /** Removes unknown fields from {@code object} in place. */
    public static void prune(ObjectNode object, Schema schema) {
        throw new UnsupportedOperationException("being built");
    }
}
