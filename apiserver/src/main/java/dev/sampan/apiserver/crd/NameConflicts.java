package dev.sampan.apiserver.crd;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether the names that a definition asks for are free in its group. Pure. */
final class NameConflicts {

    /** @param reason of the NamesAccepted condition */
    record Conflict(String reason, String message) {}

    private NameConflicts() {}

    /** The first conflict with what other definitions of the group were given; null when there is none. */
    static @Nullable Conflict find(Crd crd, Collection<Crd> all) {
        var resources = new HashSet<String>();
        var kinds = new HashSet<String>();
        for (var other : all) {
            if (!other.name().equals(crd.name()) && other.group().equals(crd.group())) {
                var taken = other.object().path("status").path("acceptedNames");
                resources.add(taken.path("plural").asString(""));
                resources.add(taken.path("singular").asString(""));
                resources.addAll(Crd.strings(taken.path("shortNames")));
                kinds.add(taken.path("kind").asString(""));
                kinds.add(taken.path("listKind").asString(""));
            }
        }
        resources.remove("");
        kinds.remove("");
        return find(crd, resources, kinds);
    }

    private static @Nullable Conflict find(Crd crd, Set<String> resources, Set<String> kinds) {
        var names = crd.names();
        var conflict = check(resources, names.path("plural").asString(""), "PluralConflict");
        if (conflict == null) {
            conflict = check(resources, names.path("singular").asString(""), "SingularConflict");
        }
        for (var shortName : Crd.strings(names.path("shortNames"))) {
            conflict = conflict == null ? check(resources, shortName, "ShortNamesConflict") : conflict;
        }
        if (conflict == null) {
            conflict = check(kinds, names.path("kind").asString(""), "KindConflict");
        }
        return conflict == null ? check(kinds, names.path("listKind").asString(""), "ListKindConflict") : conflict;
    }

    private static @Nullable Conflict check(Set<String> taken, String name, String reason) {
        return taken.contains(name) ? new Conflict(reason, "\"" + name + "\" is already in use") : null;
    }
}
