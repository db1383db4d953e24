package dev.sampan.serving.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which of the versions that are there should be served: a pure function. */
public sealed interface VersionPolicy {

    /** The versions to serve, in ascending order. */
    default Set<Long> choose(Collection<Long> present) {
        return switch (this) {
            case Latest latest -> {
                var chosen = new TreeSet<Long>();
                present.stream()
                        .sorted(Comparator.reverseOrder())
                        .limit(latest.count())
                        .forEach(chosen::add);
                yield chosen;
            }
            case All all -> new TreeSet<>(present);
            case Specific specific -> {
                var chosen = new TreeSet<>(present);
                chosen.retainAll(specific.versions());
                yield chosen;
            }
        };
    }

    /** The {@code count} highest versions. */
    record Latest(int count) implements VersionPolicy {
        public Latest {
            count = Math.max(1, count);
        }
    }

    /** Every version. */
    record All() implements VersionPolicy {}

    /** These versions, where they are present. */
    record Specific(List<Long> versions) implements VersionPolicy {
        public Specific {
            versions = List.copyOf(versions);
        }
    }
}
