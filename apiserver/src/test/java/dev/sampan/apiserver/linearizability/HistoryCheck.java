package dev.sampan.apiserver.linearizability;

import dev.sampan.apiserver.linearizability.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a history is one that a single store could have had, which does one write after the other. A watch gives the order of the writes, so
 * there is nothing to search for: every acknowledged write must be in it once, as it was meant; nothing may be in it that nobody asked for; and
 * every operation must fit in between what had ended before it began, and what began after it had ended.
 */
final class HistoryCheck {

    private final List<Operation> operations;
    private final List<Change> changes;
    private final Timeline timeline;
    private final Map<String, Operation> byValue = new HashMap<>();
    private final Map<List<Object>, List<Operation>> deletions = new HashMap<>();
    private final Map<Operation, Long> effects = new IdentityHashMap<>();
    private final List<String> faults = new ArrayList<>();

    /** By the time of its end, the highest version that is known to have been written by then. */
    private final NavigableMap<Long, Long> known = new TreeMap<>();

    /** By the time of a beginning, the lowest version that was written by what began then or later. */
    private final NavigableMap<Long, Long> later = new TreeMap<>();

    private HistoryCheck(List<Operation> operations, List<Change> changes) {
        this.operations = operations;
        this.changes = changes;
        this.timeline = new Timeline(changes);
    }

    /** What is wrong with a history, in words; empty when nothing is. @param changes all events of a watch that began before everything */
    static List<String> faults(List<Operation> operations, List<Change> changes) {
        var check = new HistoryCheck(operations, changes);
        check.index();
        check.explainChanges();
        check.order();
        operations.forEach(check::fits);
        return check.faults;
    }

    private void index() {
        for (var operation : operations) {
            if (operation.kind() == Kind.DELETE) {
                deletions
                        .computeIfAbsent(List.of(operation.key(), operation.expected()), k -> new ArrayList<>())
                        .add(operation);
            } else if (operation.writes()) {
                byValue.put(operation.value(), operation);
            }
        }
    }

    /** Every change must be one that an operation asked for, made of the state that it expected. */
    private void explainChanges() {
        long last = 0;
        for (var change : changes) {
            if (change.version() <= last) {
                faults.add("the watch told " + change + " after version " + last);
            }
            last = Math.max(last, change.version());
            var before = timeline.at(change.key(), change.version() - 1);
            var cause = change.value() == null ? deletion(change, before) : byValue.get(change.value());
            if (cause == null || !cause.key().equals(change.key())) {
                faults.add("nobody asked for " + change);
            } else if ((before == null ? 0 : before.version()) != cause.expected()) {
                faults.add(change + " was made of " + before + " by " + cause);
            } else if (cause.outcome() instanceof Operation.Conflict || cause.outcome() instanceof Operation.Absent) {
                faults.add(change + " was made although it was refused: " + cause);
            } else if (effects.put(cause, change.version()) != null) {
                faults.add(cause + " was done twice, the second time as " + change);
            }
        }
    }

    /** The operation that deleted; of several that had the same in mind, the one that was told so. */
    private @Nullable Operation deletion(Change change, Operation.@Nullable Seen before) {
        var candidates =
                deletions.getOrDefault(List.of(change.key(), before == null ? 0L : before.version()), List.of());
        return candidates.stream()
                .filter(c -> c.outcome() instanceof Operation.Written || c.outcome() instanceof Operation.Unknown)
                .min(Comparator.comparing((Operation c) -> c.outcome() instanceof Operation.Unknown)
                        .thenComparing(Operation::begun))
                .orElse(null);
    }

    private void order() {
        long highest = 0;
        for (var operation : byTime(Operation::ended)) {
            highest = Math.max(highest, proves(operation));
            known.put(operation.ended(), highest);
        }
        long lowest = Long.MAX_VALUE;
        for (var operation : byTime(Operation::begun).reversed()) {
            lowest = Math.min(lowest, effects.getOrDefault(operation, Long.MAX_VALUE));
            later.put(operation.begun(), lowest);
        }
    }

    private List<Operation> byTime(java.util.function.ToLongFunction<Operation> time) {
        return operations.stream().sorted(Comparator.comparingLong(time)).toList();
    }

    /** The version that had been written for certain when the operation ended. */
    private long proves(Operation operation) {
        return switch (operation.outcome()) {
            case Operation.Written(var version) -> Math.max(version, effects.getOrDefault(operation, 0L));
            case Operation.Read(var object) -> object == null ? 0 : object.version();
            case Operation.Listed(var version, var objects) -> version;
            case Operation.Conflict(), Operation.Absent(), Operation.Unknown() -> 0;
        };
    }

    private void fits(Operation operation) {
        var before = known.lowerEntry(operation.begun());
        long first = before == null ? 0 : before.getValue();
        var after = later.higherEntry(operation.ended());
        long last = after == null ? Long.MAX_VALUE : after.getValue() - 1;
        boolean fits = switch (operation.outcome()) {
            case Operation.Written(var version) -> {
                long effect = effects.getOrDefault(operation, 0L);
                yield effect > first && effect <= last && (version == 0 || version == effect);
            }
            case Operation.Read(var object) ->
                timeline.was(operation.key(), first, last, seen -> Objects.equals(seen, object));
            case Operation.Listed(var version, var objects) ->
                version >= first && version <= last && timeline.all(version).equals(objects);
            case Operation.Conflict() ->
                timeline.was(
                        operation.key(),
                        first,
                        last,
                        seen -> operation.kind() == Kind.CREATE
                                ? seen != null
                                : seen == null || seen.version() != operation.expected());
            case Operation.Absent() -> timeline.was(operation.key(), first, last, Objects::isNull);
            case Operation.Unknown() -> effects.getOrDefault(operation, Long.MAX_VALUE) > first;
        };
        if (!fits) {
            faults.add(operation + " does not fit between versions " + first + " and " + last);
        }
    }
}
