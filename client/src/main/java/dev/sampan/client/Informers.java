package dev.sampan.client;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;

/**
 * The shared informers of a process: one list and watch, one decoded copy for each kind and scope, however many actors
 * ask for it. Ask for informers and add handlers and indexes first, then {@link #start}.
 */
public interface Informers extends AutoCloseable {

    /** All objects of a built-in or annotated type, everywhere. */
    default <T extends HasMetadata> Informer<T> of(Class<T> type) {
        return of(type, Scope.ALL);
    }

    /** Objects of a type within a scope. The same arguments give the same informer. */
    <T extends HasMetadata> Informer<T> of(Class<T> type, Scope scope);

    /** Objects of a kind without a Java class, such as a custom resource. */
    Informer<GenericKubernetesResource> generic(ResourceDefinitionContext kind);

    /**
     * Starts the informers that were asked for and not started yet, and waits until each has its first complete list.
     * A list that fails is tried again for ever.
     *
     * @throws IllegalStateException when they are not synced within the time; they go on trying
     */
    void start(Duration timeout);

    /** {@link #start(Duration)} with three minutes, for very many objects on a busy machine. */
    default void start() {
        start(Duration.ofMinutes(3));
    }

    /** Stops all watches. Caches stay readable and become stale. */
    @Override
    void close();

    /** Informers over a client. Closing them leaves the client open. */
    static Informers over(KubernetesClient client) {
        return new SharedInformers(client);
    }

    /**
     * What part of a kind an informer sees.
     *
     * @param namespace empty for all
     * @param labels a label selector, empty for all
     * @param fields a field selector, such as {@code spec.nodeName=sampan}, empty for all
     */
    record Scope(String namespace, String labels, String fields) {
        public static final Scope ALL = new Scope("", "", "");

        public static Scope namespace(String namespace) {
            return new Scope(namespace, "", "");
        }

        public static Scope fields(String fields) {
            return new Scope("", "", fields);
        }
    }
}
