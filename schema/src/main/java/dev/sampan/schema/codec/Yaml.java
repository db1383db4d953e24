package dev.sampan.schema.codec;

import tools.jackson.databind.JsonNode;

/** YAML as the API server reads and writes it (the rules of sigs.k8s.io/yaml). */
public final class Yaml {

    private Yaml() {}

    /** Reads one document. @throws DecodeException when the bytes are not YAML or hold something JSON cannot say */
    public static Decoded read(byte[] bytes) {
        throw new UnsupportedOperationException("being built");
    }

    /** Block style, keys sorted as Kubernetes prints them. */
    public static byte[] write(JsonNode tree) {
        throw new UnsupportedOperationException("being built");
    }
}
