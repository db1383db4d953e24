package dev.sampan.client;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Decides what becomes of an event: a new object, a higher count of one that exists, or nothing. The rules and figures
 * are client-go's {@code EventCorrelator}: the same event again is counted; more than ten events within ten minutes that
 * differ only in their message become one; beyond 25 at once an object gets one event every five minutes.
 *
 * <p>Owned by one thread.
 */
final class EventCorrelator {

    private static final int REMEMBERED = 4096;
    private static final int SIMILAR = 10;
    private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);
    private static final double BURST = 25;
    private static final Duration REFILL = Duration.ofMinutes(5);

    private final Map<Object, Bucket> buckets = lru();
    private final Map<Object, Group> groups = lru();
    private final Map<Object, Event> recorded = lru();

    /** {@code key} is what {@link #written} wants to hear once the event is stored. */
    sealed interface Decision {
        record Create(Object key, Event event) implements Decision {}

        /** Raise the count of the event with this name, namespace and resource version. */
        record Count(Object key, Event event) implements Decision {}

        record Drop() implements Decision {}
    }

    private record About(String component, String host, String kind, String namespace, String name, String uid) {
        static About of(Event event) {
            var object = event.getInvolvedObject();
            return new About(
                    String.valueOf(event.getSource().getComponent()),
                    String.valueOf(event.getSource().getHost()),
                    String.valueOf(object.getKind()),
                    String.valueOf(object.getNamespace()),
                    String.valueOf(object.getName()),
                    String.valueOf(object.getUid()));
        }
    }

    private record Similar(About about, String type, String reason) {}

    private record Same(Similar similar, String fieldPath, String message) {}

    private static final class Bucket {
        private double tokens = BURST;
        private Instant filled;

        Bucket(Instant now) {
            filled = now;
        }

        boolean take(Instant now) {
            var gained = (double) Duration.between(filled, now).toMillis() / REFILL.toMillis();
            tokens = Math.min(BURST, tokens + gained);
            filled = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }

    private static final class Group {
        private final Set<String> messages = new LinkedHashSet<>();
        private Instant last = Instant.EPOCH;
    }

    private static <V> Map<Object, V> lru() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Object, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    Decision decide(Event event, Instant now) {
        var about = About.of(event);
        var similar = new Similar(about, event.getType(), event.getReason());
        Object key = new Same(similar, String.valueOf(event.getInvolvedObject().getFieldPath()), event.getMessage());
        var merged = event;
        if (oneTooMany(similar, event.getMessage(), now)) {
            key = similar;
            merged = new EventBuilder(event)
                    .withMessage("(combined from similar events): " + event.getMessage())
                    .build();
        }
        var earlier = recorded.get(key);
        var counted = earlier == null ? merged : counted(merged, earlier);
        recorded.put(key, counted);
        if (!buckets.computeIfAbsent(about, a -> new Bucket(now)).take(now)) {
            return new Decision.Drop();
        }
        return counted.getMetadata().getResourceVersion() == null
                ? new Decision.Create(key, counted)
                : new Decision.Count(key, counted);
    }

    /** Remembers the stored event, whose resource version the next count needs. */
    void written(Object key, Event event) {
        recorded.put(key, event);
    }

    private boolean oneTooMany(Similar similar, String message, Instant now) {
        var group = groups.computeIfAbsent(similar, s -> new Group());
        if (Duration.between(group.last, now).compareTo(SIMILAR_WITHIN) > 0) {
            group.messages.clear();
        }
        group.last = now;
        group.messages.add(message);
        if (group.messages.size() < SIMILAR) {
            return false;
        }
        group.messages.remove(group.messages.iterator().next());
        return true;
    }

    private static Event counted(Event event, Event earlier) {
        return new EventBuilder(event)
                .editMetadata()
                .withName(earlier.getMetadata().getName())
                .withResourceVersion(earlier.getMetadata().getResourceVersion())
                .endMetadata()
                .withFirstTimestamp(earlier.getFirstTimestamp())
                .withCount(earlier.getCount() + 1)
                .build();
    }
}
