package dev.sampan.apiserver.linearizability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The states that every key went through, as the events of a watch tell them. */
final class Timeline {

    private final Map<String, List<Change>> byKey = new HashMap<>();

    /** @param changes in order of their versions */
    Timeline(List<Change> changes) {
        for (var change : changes) {
            byKey.computeIfAbsent(change.key(), key -> new ArrayList<>()).add(change);
        }
    }

    /** The object right after the write of {@code version}; null when there was none. */
    Operation.@Nullable Seen at(String key, long version) {
        int next = indexAfter(key, version);
        return next == 0 ? null : seen(changes(key).get(next - 1));
    }

    /** Whether the key was in a state that {@code wanted} accepts at some version from {@code first} to {@code last}. */
    boolean was(String key, long first, long last, Predicate<Operation.@Nullable Seen> wanted) {
        if (wanted.test(at(key, first))) {
            return true;
        }
        var changes = changes(key);
        for (int i = indexAfter(key, first);
                i < changes.size() && changes.get(i).version() <= last;
                i++) {
            if (wanted.test(seen(changes.get(i)))) {
                return true;
            }
        }
        return false;
    }

    Map<String, Operation.Seen> all(long version) {
        var objects = new HashMap<String, Operation.Seen>();
        for (var key : byKey.keySet()) {
            var seen = at(key, version);
            if (seen != null) {
                objects.put(key, seen);
            }
        }
        return objects;
    }

    private List<Change> changes(String key) {
        return byKey.getOrDefault(key, List.of());
    }

    private static Operation.@Nullable Seen seen(Change change) {
        return change.value() == null ? null : new Operation.Seen(change.version(), change.value());
    }

    /** Index of the key's first change after a version. */
    private int indexAfter(String key, long version) {
        var changes = changes(key);
        int low = 0;
        int high = changes.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (changes.get(middle).version() <= version) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
