package dev.sampan.controllers.garbage;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Objects by UID and who depends on whom. An owner that was never seen has dependents here all the same, and is asked for
 * when one of them is examined. Owner of its maps behind one lock; every change says which objects to examine next.
 */
final class Graph {

    private final Map<String, Meta> objects = new HashMap<>();
    private final Map<String, Set<String>> dependents = new HashMap<>();

    /** UIDs to examine: whether to delete the object, or whether to detach its dependents. */
    record Next(Set<String> delete, Set<String> orphan) {
        Next() {
            this(new LinkedHashSet<>(), new LinkedHashSet<>());
        }
    }

    synchronized Next present(Meta object) {
        var next = new Next();
        var before = objects.put(object.uid(), object);
        if (before == null || !before.owners().equals(object.owners())) {
            relink(before, object, next);
        }
        if (object.orphansDependents() && (before == null || !before.orphansDependents())) {
            next.orphan.add(object.uid());
        }
        if (object.awaitsDependents() && (before == null || !before.awaitsDependents())) {
            next.delete.addAll(dependentUids(object.uid()));
            next.delete.add(object.uid());
        }
        return next;
    }

    private void relink(@Nullable Meta before, Meta object, Next next) {
        if (before != null) {
            unlink(before);
            before.owners().forEach(o -> unblocked(o.uid(), next));
        }
        for (var owner : object.owners()) {
            dependents.computeIfAbsent(owner.uid(), u -> new HashSet<>()).add(object.uid());
        }
        if (!object.owners().isEmpty()) {
            next.delete.add(object.uid());
        }
    }

    private void unlink(Meta object) {
        for (var owner : object.owners()) {
            var siblings = dependents.get(owner.uid());
            if (siblings != null && siblings.remove(object.uid()) && siblings.isEmpty()) {
                dependents.remove(owner.uid());
            }
        }
    }

    private void unblocked(String ownerUid, Next next) {
        var owner = objects.get(ownerUid);
        if (owner != null && owner.awaitsDependents()) {
            next.delete.add(ownerUid);
        }
    }

    synchronized Next gone(String uid) {
        var next = new Next();
        next.delete.addAll(dependentUids(uid));
        var object = objects.remove(uid);
        if (object != null) {
            unlink(object);
            object.owners().forEach(o -> unblocked(o.uid(), next));
        }
        return next;
    }

    synchronized @Nullable Meta get(String uid) {
        return objects.get(uid);
    }

    private Set<String> dependentUids(String uid) {
        return dependents.getOrDefault(uid, Set.of());
    }

    synchronized List<Meta> dependents(String uid) {
        return dependentUids(uid).stream()
                .map(objects::get)
                .filter(Objects::nonNull)
                .toList();
    }
}
