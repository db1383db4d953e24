package dev.sampan.schema;

import tools.jackson.databind.node.ObjectNode;

/** Sets absent fields to the defaults that stand in a schema. */
public final class Defaulter {

    private Defaulter() {}

    /** Fills {@code object} in place; a null where null is not allowed and a default exists counts as absent. */
    public static void apply(ObjectNode object, Schema schema) {
        throw new UnsupportedOperationException("being built");
    }
}
