package dev.sampan.client;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A local, eventually up-to-date copy of the objects of one kind. The objects are shared by everybody: never change
 * them, build changed copies. What it says may be older than what you wrote a moment ago.
 */
public interface Informer<T> {

    /** The object, or null when the copy has none; namespace is empty for cluster-scoped kinds. */
    @Nullable
    T get(String namespace, String name);

    default @Nullable T get(ObjectKey key) {
        return get(key.namespace(), key.name());
    }

    /** All objects, in no particular order. */
    List<T> list();

    /** Objects of one namespace. */
    List<T> list(String namespace);

    /** Objects for which an index has the value. */
    List<T> indexed(String index, String value);

    /**
     * Adds an index: the values under which {@link #indexed} finds an object. Adding an index of a name that exists is
     * ignored, so that several actors may ask for the same.
     */
    Informer<T> index(String name, Function<T, List<String>> values);

    /**
     * Calls the handler for each object there is, then for each change, in order, by one thread at a time. A handler
     * must be quick: it puts a key into a queue. After a watch was lost, changes in between come as one update.
     */
    Informer<T> onChange(Handler<T> handler);

    /** Whether the first list is complete. */
    boolean synced();

    /** Told of changes. */
    interface Handler<T> {
        void added(T object);

        /** Also called with equal objects, when nothing is known to have changed. */
        void updated(T old, T object);

        /** The last known state of an object that is gone. */
        void deleted(T object);
    }

    /** A handler that treats every change alike. */
    @FunctionalInterface
    interface AnyChange<T> extends Handler<T> {
        void changed(T object);

        @Override
        default void added(T object) {
            changed(object);
        }

        @Override
        default void updated(T old, T object) {
            changed(object);
        }

        @Override
        default void deleted(T object) {
            changed(object);
        }
    }

    /** {@link #onChange} with one function for additions, updates and deletions. */
    default Informer<T> onAnyChange(AnyChange<T> handler) {
        return onChange(handler);
    }
}
