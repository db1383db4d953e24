package dev.sampan.apiserver.kinds;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.node.ObjectNode;

/** Sets conditions in a pod's status. */
final class PodConditions {

    private PodConditions() {}

    /** Replaces the condition of that type or adds it; its transition time changes only when its status does. */
    static void set(ObjectNode pod, String type, String status, String reason, String message, Instant now) {
        var conditions = Defaults.object(pod, "status").withArray("conditions");
        ObjectNode condition = null;
        for (var present : conditions) {
            if (Meta.text(present, "type").equals(type) && present instanceof ObjectNode found) {
                condition = found;
            }
        }
        if (condition == null) {
            condition = conditions.addObject().put("type", type);
        }
        if (!Meta.text(condition, "status").equals(status)) {
            condition.put(
                    "lastTransitionTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
        }
        condition.put("status", status);
        putOrRemove(condition, "reason", reason);
        putOrRemove(condition, "message", message);
    }

    private static void putOrRemove(ObjectNode condition, String name, String value) {
        if (value.isEmpty()) {
            condition.remove(name);
        } else {
            condition.put(name, value);
        }
    }
}
