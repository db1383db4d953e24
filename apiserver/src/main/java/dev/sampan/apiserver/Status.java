package dev.sampan.apiserver;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubernetes' {@code Status} object: how every error, and some successes, are answered.
 *
 * @param code HTTP status
 * @param reason Kubernetes' machine readable reason, such as {@code NotFound}; empty for unknown
 * @param details what the error is about; null when there is nothing to say
 * @param continueToken with which an expired list can go on; else empty
 */
public record Status(
        int code, String reason, String message, @Nullable Details details, String continueToken) {

    public Status(int code, String reason, String message, @Nullable Details details) {
        this(code, reason, message, details, "");
    }

    /**
     * @param kind for most reasons the resource ("pods"), for {@code Invalid} the kind ("Pod")
     * @param retryAfterSeconds 0 when the client need not wait
     */
    public record Details(
            String name, String group, String kind, String uid, List<Cause> causes, int retryAfterSeconds) {
        public static Details of(String group, String kind, String name) {
            return new Details(name, group, kind, "", List.of(), 0);
        }
    }

    /** One of several reasons, usually about one field. */
    public record Cause(String reason, String message, String field) {}

    public boolean success() {
        return code < 400;
    }

    /** As the API sends it. */
    public ObjectNode toJson() {
        var node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "Status").put("apiVersion", "v1");
        putUnlessEmpty(node.putObject("metadata"), "continue", continueToken);
        node.put("status", success() ? "Success" : "Failure");
        putUnlessEmpty(node, "message", message);
        putUnlessEmpty(node, "reason", reason);
        if (details != null) {
            addDetails(node.putObject("details"), details);
        }
        return node.put("code", code);
    }

    public byte[] toBytes() {
        return toJson().toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void addDetails(ObjectNode node, Details details) {
        putUnlessEmpty(node, "name", details.name());
        putUnlessEmpty(node, "group", details.group());
        putUnlessEmpty(node, "kind", details.kind());
        putUnlessEmpty(node, "uid", details.uid());
        if (!details.causes().isEmpty()) {
            var causes = node.putArray("causes");
            for (var cause : details.causes()) {
                var item = causes.addObject();
                putUnlessEmpty(item, "reason", cause.reason());
                putUnlessEmpty(item, "message", cause.message());
                putUnlessEmpty(item, "field", cause.field());
            }
        }
        if (details.retryAfterSeconds() > 0) {
            node.put("retryAfterSeconds", details.retryAfterSeconds());
        }
    }

    private static void putUnlessEmpty(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }
}
