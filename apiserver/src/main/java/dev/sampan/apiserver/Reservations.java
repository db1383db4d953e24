package dev.sampan.apiserver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Names that only one holder may have at a time, among all servers of the cluster: kept in the store beside the objects, not served
 * by the API. Thread-safe.
 */
public interface Reservations {

    /**
     * A name that is taken.
     *
     * @param note what was written down about the holder
     * @param revision of the store, at which it was taken
     */
    record Held(String name, ObjectNode note, long revision) {}

    /** Takes a name; false when somebody has it. @throws ApiException when the store does not answer */
    boolean take(String name, ObjectNode note);

    /** Who has a name, as far as this server knows; null for nobody. */
    @Nullable
    Held get(String name);

    /** All names that are taken, in their order. */
    List<Held> all();

    /** Frees a name, unless it was freed or taken again meanwhile. @throws ApiException when the store does not answer */
    void giveBack(Held held);
}
