package dev.sampan.schema;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Finds fields that a schema does not know, for {@code fieldValidation=Strict} and {@code Warn}. */
public final class UnknownFields {

    private UnknownFields() {}

    /**
     * Paths as strict decoding prints them ({@code spec.template.spec.containers[0].foo}); the message of one is
     * {@code unknown field "PATH"}.
     */
    public static List<String> find(ObjectNode object, Schema schema) {
        throw new UnsupportedOperationException("being built");
    }
}
