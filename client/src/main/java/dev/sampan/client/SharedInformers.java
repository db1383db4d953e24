package dev.sampan.client;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link Informers} on fabric8's shared index informers. The map of informers is guarded by this object. */
final class SharedInformers implements Informers {

    private static final long NO_RESYNC = 0;
    /** A first list comes in parts, so that no more than one of them is in memory as text. */
    private static final long PAGE = 500;

    private final KubernetesClient client;
    private final Map<Object, Fabric8Informer<?>> informers = new LinkedHashMap<>();

    private record Typed(Class<?> type, Scope scope) {}

    private record Untyped(String group, String version, String plural) {}

    SharedInformers(KubernetesClient client) {
        this.client = client;
    }

    @Override
    @SuppressWarnings("unchecked")
    public synchronized <T extends HasMetadata> Informer<T> of(Class<T> type, Scope scope) {
        return (Informer<T>) informers.computeIfAbsent(
                new Typed(type, scope),
                k -> new Fabric8Informer<>(type.getSimpleName(), scoped(client.resources(type), scope)));
    }

    @Override
    @SuppressWarnings("unchecked")
    public synchronized Informer<GenericKubernetesResource> generic(ResourceDefinitionContext kind) {
        var key = new Untyped(kind.getGroup(), kind.getVersion(), kind.getPlural());
        return (Informer<GenericKubernetesResource>) informers.computeIfAbsent(
                key,
                k -> new Fabric8Informer<>(kind.getKind(), scoped(client.genericKubernetesResources(kind), Scope.ALL)));
    }

    private static <T extends HasMetadata, L extends KubernetesResourceList<T>, R extends Resource<T>>
            SharedIndexInformer<T> scoped(MixedOperation<T, L, R> all, Scope scope) {
        FilterWatchListDeletable<T, L, R> selected =
                scope.namespace().isEmpty() ? all.inAnyNamespace() : all.inNamespace(scope.namespace());
        if (!scope.labels().isEmpty()) {
            selected = selected.withLabelSelector(scope.labels());
        }
        for (var field :
                scope.fields().isEmpty() ? new String[0] : scope.fields().split(",", -1)) {
            int equals = field.indexOf('=');
            boolean not = equals > 0 && field.charAt(equals - 1) == '!';
            var name = field.substring(0, not ? equals - 1 : equals);
            var value = field.substring(equals + 1);
            selected = not ? selected.withoutField(name, value) : selected.withField(name, value);
        }
        return selected.withLimit(PAGE).runnableInformer(NO_RESYNC).exceptionHandler((started, failure) -> true);
    }

    @Override
    public void start(Duration timeout) {
        var starting = new ArrayList<Fabric8Informer<?>>();
        synchronized (this) {
            informers.values().stream().filter(Fabric8Informer::beginStart).forEach(starting::add);
        }
        // Listing blocks when the API is in process, so each informer starts on a thread of its own.
        var synced = starting.stream().map(Fabric8Informer::start).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(synced).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            var late =
                    starting.stream().filter(i -> !i.synced()).map(i -> i.name).toList();
            throw new IllegalStateException("informers have no first list after " + timeout + ": " + late, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an informer could not start", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while informers were starting", e);
        }
    }

    @Override
    public synchronized void close() {
        informers.values().forEach(i -> i.delegate.stop());
    }

    /** One fabric8 informer; it owns the cache. */
    private static final class Fabric8Informer<T extends HasMetadata> implements Informer<T> {
        private final String name;
        private final SharedIndexInformer<T> delegate;
        private final Set<String> indexes = ConcurrentHashMap.newKeySet();
        private boolean started;

        Fabric8Informer(String name, SharedIndexInformer<T> delegate) {
            this.name = name;
            this.delegate = delegate;
        }

        /** Whether the caller is the one to start it. */
        boolean beginStart() {
            boolean first = !started;
            started = true;
            return first;
        }

        /** Completes when the first list is complete. */
        CompletableFuture<Void> start() {
            var synced = new CompletableFuture<Void>();
            Thread.ofVirtual()
                    .name("start " + name)
                    .start(() -> delegate.start().whenComplete((done, failure) -> {
                        if (failure == null) {
                            synced.complete(null);
                        } else {
                            synced.completeExceptionally(failure);
                        }
                    }));
            return synced;
        }

        @Override
        public @Nullable T get(String namespace, String objectName) {
            return delegate.getIndexer()
                    .getByKey(Cache.namespaceKeyFunc(namespace.isEmpty() ? null : namespace, objectName));
        }

        @Override
        public List<T> list() {
            return delegate.getIndexer().list();
        }

        @Override
        public List<T> list(String namespace) {
            return delegate.getIndexer().byIndex(Cache.NAMESPACE_INDEX, namespace);
        }

        @Override
        public List<T> indexed(String index, String value) {
            return delegate.getIndexer().byIndex(index, value);
        }

        @Override
        public Informer<T> index(String indexName, Function<T, List<String>> values) {
            if (indexes.add(indexName)) {
                delegate.addIndexers(Map.of(indexName, values));
            }
            return this;
        }

        @Override
        public Informer<T> onChange(Handler<T> handler) {
            delegate.addEventHandler(new ResourceEventHandler<T>() {
                @Override
                public void onAdd(T object) {
                    handler.added(object);
                }

                @Override
                public void onUpdate(T old, T object) {
                    handler.updated(old, object);
                }

                @Override
                public void onDelete(T object, boolean finalStateUnknown) {
                    handler.deleted(object);
                }
            });
            return this;
        }

        @Override
        public boolean synced() {
            return delegate.hasSynced();
        }
    }
}
