package dev.sampan.controllers.simulation;

import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Informers that see a change only when the simulation says so. One thread. */
final class SteppedInformers implements Informers {

    private final Journal journal;
    private final Map<Class<?>, Stepped<?>> informers = new LinkedHashMap<>();

    /** What happened to each kind, in order; outlives the informers, which may be started anew. */
    static final class Journal {
        private final Map<Class<?>, List<Change>> changes = new HashMap<>();

        record Change(ObjectKey key, @Nullable HasMetadata now, HasMetadata last) {}

        void add(Class<?> type, ObjectKey key, @Nullable HasMetadata now, HasMetadata last) {
            of(type).add(new Change(key, now, last));
        }

        List<Change> of(Class<?> type) {
            return changes.computeIfAbsent(type, t -> new ArrayList<>());
        }
    }

    SteppedInformers(Journal journal) {
        this.journal = journal;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends HasMetadata> Informer<T> of(Class<T> type, Scope scope) {
        return (Informer<T>) informers.computeIfAbsent(type, t -> new Stepped<>(type));
    }

    @Override
    public Informer<GenericKubernetesResource> generic(ResourceDefinitionContext kind) {
        throw new UnsupportedOperationException();
    }

    /** Shows everything there is, as a first list does. */
    @Override
    public void start(Duration timeout) {
        informers.values().forEach(i -> i.relist(null));
    }

    @Override
    public void close() {
        informers.clear();
    }

    /** The informers that have not seen everything. */
    List<Stepped<?>> behind() {
        var behind = new ArrayList<Stepped<?>>(informers.values());
        behind.removeIf(i -> !i.isBehind());
        return behind;
    }

    final class Stepped<T extends HasMetadata> implements Informer<T> {
        private final Class<T> type;
        private final Map<ObjectKey, T> cache = new TreeMap<>();
        private final Map<String, Function<T, List<String>>> indexes = new HashMap<>();
        private final List<Handler<T>> handlers = new ArrayList<>();
        private int position;

        Stepped(Class<T> type) {
            this.type = type;
        }

        boolean isBehind() {
            return position < journal.of(type).size();
        }

        /** Sees the next change. */
        void step() {
            var change = journal.of(type).get(position++);
            show(change.key(), change.now() == null ? null : type.cast(change.now()), type.cast(change.last()));
        }

        /** A lost watch and a new list: sees only what is different in the end, in an order that nobody knows. */
        void relist(@Nullable RandomGenerator random) {
            var latest = new TreeMap<ObjectKey, T>();
            for (var change : journal.of(type)) {
                if (change.now() == null) {
                    latest.remove(change.key());
                } else {
                    latest.put(change.key(), type.cast(change.now()));
                }
            }
            position = journal.of(type).size();
            var keys = new ArrayList<>(new TreeSet<>(latest.keySet()));
            cache.keySet().stream().filter(k -> !latest.containsKey(k)).forEach(keys::add);
            if (random != null) {
                Collections.shuffle(keys, java.util.Random.from(random));
            }
            keys.forEach(key -> relist(key, latest.get(key), cache.get(key)));
        }

        private void relist(ObjectKey key, @Nullable T now, @Nullable T before) {
            if (before != null && (now == null || !isSame(now, before))) {
                show(key, null, before);
            }
            if (now != null) {
                show(key, now, now);
            }
        }

        private boolean isSame(T now, T before) {
            return now.getMetadata().getUid().equals(before.getMetadata().getUid());
        }

        private void show(ObjectKey key, @Nullable T now, T last) {
            var before = now == null ? cache.remove(key) : cache.put(key, now);
            for (var handler : handlers) {
                if (now == null) {
                    handler.deleted(last);
                } else if (before == null) {
                    handler.added(now);
                } else {
                    handler.updated(before, now);
                }
            }
        }

        @Override
        public @Nullable T get(String namespace, String name) {
            return cache.get(new ObjectKey(namespace, name));
        }

        @Override
        public List<T> list() {
            return List.copyOf(cache.values());
        }

        @Override
        public List<T> list(String namespace) {
            return cache.entrySet().stream()
                    .filter(e -> e.getKey().namespace().equals(namespace))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        @Override
        public List<T> indexed(String index, String value) {
            var values = indexes.getOrDefault(index, o -> List.of());
            return cache.values().stream()
                    .filter(o -> values.apply(o).contains(value))
                    .toList();
        }

        @Override
        public Informer<T> index(String name, Function<T, List<String>> values) {
            indexes.putIfAbsent(name, values);
            return this;
        }

        @Override
        public Informer<T> onChange(Handler<T> handler) {
            handlers.add(handler);
            return this;
        }

        @Override
        public boolean synced() {
            return true;
        }
    }
}
