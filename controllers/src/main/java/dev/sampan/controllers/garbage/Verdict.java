package dev.sampan.controllers.garbage;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What becomes of an object. */
sealed interface Verdict {

    record Keep() implements Verdict {}

    /** Delete with {@code Background}, {@code Foreground} or {@code Orphan} propagation. */
    record Delete(String propagation) implements Verdict {}

    /** It has a living owner: forget the references to the others. */
    record DropOwners(Set<String> uids) implements Verdict {}

    /** Delete in the foreground, after its dependents stopped blocking it, since they block each other in a circle. */
    record BreakCircle(List<Meta> dependents) implements Verdict {}

    /** Nothing blocks its foreground deletion any more. */
    record Release() implements Verdict {}

    /** It waits for these, which are to be examined themselves. */
    record Await(List<Meta> dependents) implements Verdict {}

    /** An owner, as the API server knows it now. */
    enum OwnerState {
        SOLID,
        ABSENT,
        AWAITS_DEPENDENTS
    }

    /**
     * @param object as the API server has it now
     * @param owners the state of each of its owners by UID
     */
    static Verdict of(Meta object, Map<String, OwnerState> owners, List<Meta> dependents) {
        if (object.awaitsDependents()) {
            var blocking =
                    dependents.stream().filter(d -> d.blocks(object.uid())).toList();
            return blocking.isEmpty()
                    ? new Release()
                    : new Await(
                            blocking.stream().filter(d -> !d.awaitsDependents()).toList());
        }
        if (object.deleting() || object.owners().isEmpty()) {
            return new Keep();
        }
        var useless = owners.entrySet().stream()
                .filter(e -> e.getValue() != OwnerState.SOLID)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
        if (owners.containsValue(OwnerState.SOLID)) {
            return useless.isEmpty() ? new Keep() : new DropOwners(useless);
        }
        if (owners.containsValue(OwnerState.AWAITS_DEPENDENTS) && !dependents.isEmpty()) {
            var circle = dependents.stream().anyMatch(Meta::awaitsDependents);
            return circle ? new BreakCircle(dependents) : new Delete("Foreground");
        }
        return new Delete(propagation(object));
    }

    private static String propagation(Meta object) {
        if (object.finalizers().contains(Meta.ORPHAN)) {
            return "Orphan";
        }
        return object.finalizers().contains(Meta.FOREGROUND) ? "Foreground" : "Background";
    }
}
