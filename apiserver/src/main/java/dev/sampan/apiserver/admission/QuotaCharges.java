package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.GroupResource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What was charged for objects that are on their way to the store: somebody who counts the stored ones meanwhile has to
 * add it, or would give the same place away twice. Safe for many threads: one lock.
 */
final class QuotaCharges {

    /** A write that is not stored by then has failed. */
    static final Duration LIFE = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final Map<Key, Charge> charges = new HashMap<>();

    private record Key(String namespace, String quota, GroupResource resource, String name) {}

    private record Charge(Amounts amounts, Instant until) {}

    QuotaCharges(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void add(String namespace, String quota, GroupResource resource, String name, Amounts amounts) {
        charges.put(
                new Key(namespace, quota, resource, name),
                new Charge(amounts, clock.instant().plus(LIFE)));
    }

    /** The sum for a quota of what is not {@code stored} yet; forgets the rest. */
    synchronized Amounts outstanding(String namespace, String quota, BiPredicate<GroupResource, String> stored) {
        var now = clock.instant();
        var sum = Amounts.NONE;
        for (var entries = charges.entrySet().iterator(); entries.hasNext(); ) {
            var entry = entries.next();
            var key = entry.getKey();
            if (!key.namespace().equals(namespace) || !key.quota().equals(quota)) {
                continue;
            }
            if (!now.isBefore(entry.getValue().until()) || stored.test(key.resource(), key.name())) {
                entries.remove();
            } else {
                sum = sum.plus(entry.getValue().amounts());
            }
        }
        return sum;
    }

    /** How long until a charge of the namespace runs out; null when there is none. */
    synchronized @Nullable Duration untilNext(String namespace) {
        var next = charges.entrySet().stream()
                .filter(e -> e.getKey().namespace().equals(namespace))
                .map(e -> e.getValue().until())
                .min(Instant::compareTo);
        return next.map(n -> Duration.between(clock.instant(), n)).orElse(null);
    }
}
