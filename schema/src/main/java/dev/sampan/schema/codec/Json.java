package dev.sampan.schema.codec;

import tools.jackson.databind.JsonNode;

/** JSON as the API server reads and writes it. */
public final class Json {

    private Json() {}

    /** Reads one JSON value. @throws DecodeException when the bytes are not JSON */
    public static Decoded read(byte[] bytes) {
        throw new UnsupportedOperationException("being built");
    }

    /** Canonical bytes: UTF-8, no white space, keys in the tree's order. */
    public static byte[] write(JsonNode tree) {
        throw new UnsupportedOperationException("being built");
    }
}
