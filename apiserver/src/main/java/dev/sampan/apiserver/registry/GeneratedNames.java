package dev.sampan.apiserver.registry;

import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/** Names made from {@code generateName}: the prefix and five characters that spell no words. */
record GeneratedNames(RandomGenerator random) {

    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX = 5;
    private static final int MAX_NAME = 63;

    /** A copy of the object with a fresh name. */
    ObjectNode named(ObjectNode object) {
        var base = Meta.text(object, "generateName");
        var name = new StringBuilder(base.substring(0, Math.min(base.length(), MAX_NAME - SUFFIX)));
        for (int i = 0; i < SUFFIX; i++) {
            name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        var copy = object.deepCopy();
        Meta.of(copy).put("name", name.toString());
        return copy;
    }
}
