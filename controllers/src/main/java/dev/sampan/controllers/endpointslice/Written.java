package dev.sampan.controllers.endpointslice;

import dev.sampan.client.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What was written for a key and at which version, so that a decision is not made from a cache that has not shown it yet:
 * a slice would be created twice. Safe for many threads: one lock.
 */
final class Written {

    private final Map<ObjectKey, Map<String, Long>> versions = new HashMap<>();

    synchronized void put(ObjectKey key, HasMetadata object) {
        versions.computeIfAbsent(key, k -> new HashMap<>())
                .put(object.getMetadata().getUid(), version(object));
    }

    /** A deletion was seen or made. */
    synchronized void remove(ObjectKey key, HasMetadata object) {
        var known = versions.get(key);
        if (known != null) {
            known.remove(object.getMetadata().getUid());
        }
    }

    synchronized void forget(ObjectKey key) {
        versions.remove(key);
    }

    /** Whether the cached objects include everything written, at the same or a later version. */
    synchronized boolean isShownBy(ObjectKey key, Collection<? extends HasMetadata> cached) {
        var known = new HashMap<>(versions.getOrDefault(key, Map.of()));
        for (var object : cached) {
            var written = known.get(object.getMetadata().getUid());
            if (written != null && written <= version(object)) {
                known.remove(object.getMetadata().getUid());
            }
        }
        return known.isEmpty();
    }

    private static long version(HasMetadata object) {
        return Long.parseUnsignedLong(object.getMetadata().getResourceVersion());
    }
}
