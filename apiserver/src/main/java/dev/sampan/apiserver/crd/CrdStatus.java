package dev.sampan.apiserver.crd;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the controller writes into a definition's status. Pure. */
final class CrdStatus {

    private CrdStatus() {}

    /** A copy with accepted names and conditions as they ought to be. */
    static ObjectNode settled(ObjectNode crd, NameConflicts.@Nullable Conflict conflict, Instant now) {
        var result = crd.deepCopy();
        var status = result.get("status") instanceof ObjectNode present ? present : result.putObject("status");
        var conditions = status.get("conditions") instanceof ArrayNode array ? array : status.putArray("conditions");
        if (conflict == null) {
            status.set("acceptedNames", crd.path("spec").path("names").deepCopy());
            set(conditions, "NamesAccepted", "True", "NoConflicts", "no conflicts found", now);
            set(conditions, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now);
            approval(new Crd(crd), conditions, now);
        } else {
            if (!status.has("acceptedNames")) {
                status.putObject("acceptedNames").put("plural", "").put("kind", "");
            }
            set(conditions, "NamesAccepted", "False", conflict.reason(), conflict.message(), now);
            if (!new Crd(result).is("Established")) {
                set(conditions, "Established", "False", "NotAccepted", "not all names are accepted", now);
            }
        }
        return result;
    }

    private static void approval(Crd crd, ArrayNode conditions, Instant now) {
        var type = "KubernetesAPIApprovalPolicyConformant";
        var value = Approval.of(crd);
        if (!Approval.isNeeded(crd.group())) {
            return;
        }
        if (Approval.isGiven(value)) {
            set(conditions, type, "True", "ApprovedAnnotation", "approved in " + value, now);
        } else {
            var why = "not approved: \"" + value + "\"";
            set(conditions, type, "False", "UnapprovedAnnotation", why, now);
        }
    }

    /** The condition that tells of the deletion of all instances. */
    static void terminating(ObjectNode crd, String status, String reason, String message, Instant now) {
        var node = crd.get("status") instanceof ObjectNode present ? present : crd.putObject("status");
        var conditions = node.get("conditions") instanceof ArrayNode array ? array : node.putArray("conditions");
        set(conditions, "Terminating", status, reason, message, now);
    }

    private static void set(
            ArrayNode conditions, String type, String status, String reason, String message, Instant now) {
        var fresh = JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("status", status)
                .put("reason", reason)
                .put("message", message);
        for (int i = 0; i < conditions.size(); i++) {
            var old = conditions.get(i);
            if (old.path("type").asString("").equals(type)) {
                boolean same = old.path("status").asString("").equals(status);
                fresh.put(
                        "lastTransitionTime",
                        same ? old.path("lastTransitionTime").asString("") : time(now));
                conditions.set(i, fresh);
                return;
            }
        }
        conditions.add(fresh.put("lastTransitionTime", time(now)));
    }

    private static String time(Instant now) {
        return DateTimeFormatter.ISO_INSTANT.format(now.truncatedTo(ChronoUnit.SECONDS));
    }
}
