package dev.sampan.apiserver.registry;

import tools.jackson.databind.node.ObjectNode;

/** Converts objects between a served version and the storage version. The argument may be changed and returned. */
public interface Conversion {

    /** Both versions are the same. */
    Conversion NONE = new Conversion() {
        @Override
        public ObjectNode toStorage(ObjectNode served) {
            return served;
        }

        @Override
        public ObjectNode fromStorage(ObjectNode stored) {
            return stored;
        }
    };

    /** Only {@code apiVersion} differs. */
    static Conversion relabel(String servedApiVersion, String storedApiVersion) {
        return servedApiVersion.equals(storedApiVersion) ? NONE : new Relabel(servedApiVersion, storedApiVersion);
    }

    ObjectNode toStorage(ObjectNode served);

    ObjectNode fromStorage(ObjectNode stored);

    /** See {@link #relabel}. */
    record Relabel(String served, String stored) implements Conversion {
        @Override
        public ObjectNode toStorage(ObjectNode object) {
            return object.put("apiVersion", stored);
        }

        @Override
        public ObjectNode fromStorage(ObjectNode object) {
            return object.put("apiVersion", served);
        }
    }
}
