package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.GroupResource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * Owns the table of served types: the built-in ones, fixed, and the custom ones, which come and go. Readers take the
 * current table and keep it for one request.
 */
public final class ServedTypes {

    private volatile TypeTable table;

    public ServedTypes(Collection<ServedType> builtin) {
        table = new TypeTable(builtin);
    }

    public TypeTable table() {
        return table;
    }

    /** Serves a custom resource in these versions, instead of those in which it was served before. */
    public synchronized void serve(GroupResource resource, List<ServedType> versions) {
        var types = without(t -> t.custom() && t.resource().equals(resource));
        types.addAll(versions);
        table = new TypeTable(types);
    }

    /** Stops serving a custom resource. */
    public void withdraw(GroupResource resource) {
        serve(resource, List.of());
    }

    private List<ServedType> without(Predicate<ServedType> condition) {
        var kept = new ArrayList<>(table.all());
        kept.removeIf(condition);
        return kept;
    }
}
