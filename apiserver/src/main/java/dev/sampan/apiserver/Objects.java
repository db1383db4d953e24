package dev.sampan.apiserver;

import dev.sampan.schema.Schema;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The cluster's objects as the API server's own parts (authenticators, authorizers, admission, kinds, bootstrap) read
 * and write them: in the storage version, with {@code metadata.resourceVersion}, without authorization.
 * {@code namespace} is empty for cluster-scoped resources.
 *
 * <p>Nodes returned by {@link #get}, {@link #list} and {@link #follow} may be shared: callers must not change them.
 */
public interface Objects {

    /** The latest state of an object, null when there is none. */
    @Nullable
    ObjectNode get(GroupResource resource, String namespace, String name);

    /** All objects of a namespace, or of all namespaces when {@code namespace} is empty, ordered by key. */
    List<ObjectNode> list(GroupResource resource, String namespace);

    /** How many objects there are in a namespace, or in all when {@code namespace} is empty. */
    long count(GroupResource resource, String namespace);

    /**
     * Creates an object through defaulting, validation and storage (not admission).
     *
     * @throws ApiException as the API would answer: AlreadyExists, Invalid, NotFound of the resource …
     */
    ObjectNode create(GroupResource resource, ObjectNode object);

    /**
     * Changes an object, again when somebody else changed it in between. {@code change} gets a copy of the latest state
     * that it may modify and return; it may throw {@link ApiException} to give up. Status is written as well as spec.
     *
     * @throws ApiException NotFound, Invalid, or what {@code change} throws
     */
    ObjectNode modify(GroupResource resource, String namespace, String name, UnaryOperator<ObjectNode> change);

    /** Deletes an object as a client's DELETE with default options would (graceful, finalizers); no error when gone. */
    void delete(GroupResource resource, String namespace, String name);

    /**
     * Deletes an object as a client's DELETE with the given DeleteOptions would.
     *
     * @throws ApiException NotFound, Conflict when a precondition does not hold
     */
    void delete(GroupResource resource, String namespace, String name, ObjectNode options);

    /**
     * Keeps a listener informed: first, before this returns, of all objects that exist, then of every change, in order,
     * on one thread. The listener must not block.
     */
    AutoCloseable follow(GroupResource resource, ChangeListener listener);

    /** Hears of changes. */
    @FunctionalInterface
    interface ChangeListener {
        /** @param after the new state, null when the object is deleted; @param before the former state, null when new */
        void changed(@Nullable ObjectNode before, @Nullable ObjectNode after);
    }

    /** Names that only one may have at a time. @param range what the names are of, such as {@code servicenodeports} */
    Reservations reservations(String range);

    /** The resource of a kind that is served, null when there is none. */
    @Nullable
    GroupResource resourceOf(String apiVersion, String kind);

    /** Every group version that is served: {@code v1}, {@code apps/v1} … */
    Set<String> apiVersions();

    /** Whether a resource's objects belong to namespaces; false when it is not served. */
    boolean namespaced(GroupResource resource);

    /** The versions that a resource is served in, such as {@code autoscaling/v1}; the storage version comes first. */
    List<String> apiVersionsOf(GroupResource resource);

    /** The structure of a resource's objects in a version, null when that is not served. */
    @Nullable
    Schema schema(GroupResource resource, String apiVersion);

    /** A copy of a stored object in another version that is served. */
    ObjectNode toVersion(GroupResource resource, String apiVersion, ObjectNode stored);

    /** A copy of an object in the storage version. */
    ObjectNode fromVersion(GroupResource resource, String apiVersion, ObjectNode served);

    /** Prunes and defaults an object that admission has changed, as if a client had sent it so. */
    void complete(GroupResource resource, ObjectNode object);
}
