package dev.sampan.schema.codec;

import dev.sampan.schema.BuiltinCatalog;
import tools.jackson.databind.node.ObjectNode;

/** Kubernetes' protobuf envelope ({@code k8s\0} and {@code runtime.Unknown}) for built-in kinds. */
public final class Protobuf {

    public Protobuf(BuiltinCatalog catalog) {
        java.util.Objects.requireNonNull(catalog);
    }

    /** Whether objects of this {@code apiVersion} and {@code kind} have a protobuf form; custom resources have none. */
    public boolean supports(String apiVersion, String kind) {
        return false;
    }

    /** Reads an envelope; the object carries {@code apiVersion} and {@code kind}. @throws DecodeException when it is not one */
    public ObjectNode read(byte[] bytes) {
        throw new UnsupportedOperationException("being built");
    }

    /** Writes an object that carries {@code apiVersion} and {@code kind}. @throws IllegalArgumentException for unsupported kinds */
    public byte[] write(ObjectNode object) {
        throw new UnsupportedOperationException("being built");
    }
}
