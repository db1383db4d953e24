package dev.sampan.controllers.consistency;

import dev.sampan.client.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a controller wrote for a key, and at which version, so that it does not decide from a cache that has not shown it
 * yet: it would create an object twice, or count replicas without those it has just asked for. When the cache lags, or a
 * write's outcome is not known, the objects are read from the API once.
 *
 * <p>Versions are compared as numbers, which holds for etcd and for Sampan's store. Safe for many threads: one lock.
 */
public final class Written {

    private final Map<ObjectKey, Map<String, Long>> versions = new HashMap<>();
    private final Set<ObjectKey> unknown = new HashSet<>();

    /** An object was written on behalf of the key; this is what the API answered. */
    public synchronized void put(ObjectKey key, HasMetadata object) {
        versions.computeIfAbsent(key, k -> new HashMap<>())
                .put(object.getMetadata().getUid(), version(object));
    }

    /** A write failed in a way that leaves open whether it happened. */
    public synchronized void outcomeUnknown(ObjectKey key) {
        unknown.add(key);
    }

    /** An object is gone. */
    public synchronized void remove(ObjectKey key, HasMetadata object) {
        var known = versions.get(key);
        if (known != null) {
            known.remove(object.getMetadata().getUid());
        }
    }

    /** The key itself is gone. */
    public synchronized void forget(ObjectKey key) {
        versions.remove(key);
        unknown.remove(key);
    }

    /** The cached objects when they show everything that was written for the key, else those from the API. */
    public <T extends HasMetadata> List<T> current(ObjectKey key, List<T> cached, Supplier<List<T>> live) {
        if (isShownBy(key, cached)) {
            return cached;
        }
        synchronized (this) {
            unknown.remove(key);
        }
        var objects = live.get();
        retain(key, objects);
        return objects;
    }

    private synchronized boolean isShownBy(ObjectKey key, Collection<? extends HasMetadata> cached) {
        if (unknown.contains(key)) {
            return false;
        }
        var known = new HashMap<>(versions.getOrDefault(key, Map.of()));
        for (var object : cached) {
            var written = known.get(object.getMetadata().getUid());
            if (written != null && written <= version(object)) {
                known.remove(object.getMetadata().getUid());
            }
        }
        return known.isEmpty();
    }

    /** Objects that the API does not have any more are not waited for; what it has counts as written. */
    private synchronized void retain(ObjectKey key, Collection<? extends HasMetadata> live) {
        var known = new HashMap<String, Long>();
        live.forEach(o -> known.put(o.getMetadata().getUid(), version(o)));
        versions.put(key, known);
    }

    private static long version(HasMetadata object) {
        return Long.parseUnsignedLong(object.getMetadata().getResourceVersion());
    }
}
