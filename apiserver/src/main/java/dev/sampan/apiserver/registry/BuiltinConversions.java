package dev.sampan.apiserver.registry;

import dev.sampan.schema.GroupVersionKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Conversions of built-in kinds whose versions differ in more than their name. */
final class BuiltinConversions {

    /** Fields of an event in events.k8s.io and in the core group, where it is stored. */
    private static final Map<String, String> EVENT_FIELDS = Map.of(
            "note", "message",
            "regarding", "involvedObject",
            "deprecatedSource", "source",
            "deprecatedFirstTimestamp", "firstTimestamp",
            "deprecatedLastTimestamp", "lastTimestamp",
            "deprecatedCount", "count",
            "reportingController", "reportingComponent");

    private BuiltinConversions() {}

    /** Null when the versions have the same structure. */
    static @Nullable Conversion between(GroupVersionKind served, GroupVersionKind stored) {
        if (served.kind().equals("Event") && !served.group().equals(stored.group())) {
            return new Events(served.apiVersion(), stored.apiVersion());
        }
        if (served.group().equals("extensions") && served.kind().equals("Ingress")) {
            return new OldIngress();
        }
        if (served.kind().equals("HorizontalPodAutoscaler") && served.version().equals("v1")) {
            return new OldAutoscaler();
        }
        return null;
    }

    private record Events(String served, String stored) implements Conversion {
        @Override
        public ObjectNode toStorage(ObjectNode event) {
            EVENT_FIELDS.forEach((from, to) -> rename(event, from, to));
            return event.put("apiVersion", stored);
        }

        @Override
        public ObjectNode fromStorage(ObjectNode event) {
            EVENT_FIELDS.forEach((to, from) -> rename(event, from, to));
            return event.put("apiVersion", served);
        }
    }

    static void rename(ObjectNode object, String from, String to) {
        var value = object.remove(from);
        if (value != null) {
            object.set(to, value);
        }
    }
}
