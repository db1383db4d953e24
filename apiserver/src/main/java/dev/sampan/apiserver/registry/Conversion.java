package dev.sampan.apiserver.registry;

import java.util.List;
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

    /** As {@link #fromStorage(ObjectNode)} for each of several. */
    default List<ObjectNode> fromStorage(List<ObjectNode> stored) {
        return stored.stream().map(this::fromStorage).toList();
    }

    /** Whether several objects are converted in much less time together than one by one. */
    default boolean prefersBatches() {
        return false;
    }

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
