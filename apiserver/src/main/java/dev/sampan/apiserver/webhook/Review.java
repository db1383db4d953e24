package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.policy.ReviewRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One AdmissionReview sent to one webhook. */
final class Review {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Webhook webhook;
    private final boolean mutating;

    Review(Webhook webhook, boolean mutating) {
        this.webhook = webhook;
        this.mutating = mutating;
    }

    /**
     * What a webhook answered.
     *
     * @param refusal null when it lets the request pass
     * @param patch JSON patch; null for none
     * @param annotations for the audit log, keys without the webhook's name
     */
    record Verdict(
            @Nullable Status refusal,
            @Nullable JsonNode patch,
            List<String> warnings,
            Map<String, String> annotations) {}

    /** Asks, and tells {@code metrics} how it went. */
    Verdict ask(AdmissionRequest request, AdmissionMetrics metrics) throws Unanswered {
        var type = mutating ? AdmissionMetrics.Type.ADMIT : AdmissionMetrics.Type.VALIDATE;
        long start = System.nanoTime();
        int code = 0;
        boolean rejected = webhook.failsClosed();
        try {
            var verdict = ask(request);
            rejected = verdict.refusal != null;
            code = verdict.refusal == null ? 200 : verdict.refusal.code();
            return verdict;
        } finally {
            metrics.webhook(webhook.name(), type, request.operation(), code, rejected, System.nanoTime() - start);
        }
    }

    private Verdict ask(AdmissionRequest request) throws Unanswered {
        if (webhook.problem() != null || webhook.tls() == null) {
            throw new Unanswered("could not get REST client: " + webhook.problem());
        }
        var uid = UUID.randomUUID().toString();
        var body = body(request, uid).toString().getBytes(StandardCharsets.UTF_8);
        var client = new WebhookClient(webhook.spec().path("clientConfig"), webhook.tls());
        var answer = client.call(request.context().objects(), body, webhook.timeout());
        return verdict(answer, uid);
    }

    private ObjectNode body(AdmissionRequest request, String uid) {
        var review = JsonNodeFactory.instance.objectNode();
        review.put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/" + webhook.reviewVersion());
        var json = review.putObject("request");
        json.put("uid", uid);
        for (var entry : ReviewRequest.of(request).properties()) {
            boolean empty = entry.getValue().isString()
                    && entry.getValue().stringValue().isEmpty();
            if (!empty) {
                json.set(entry.getKey(), entry.getValue());
            }
        }
        json.set("object", orNull(request.object()));
        json.set("oldObject", orNull(request.oldObject()));
        return review;
    }

    private static JsonNode orNull(@Nullable ObjectNode object) {
        return object == null ? JsonNodeFactory.instance.nullNode() : object;
    }

    private Verdict verdict(JsonNode answer, String uid) throws Unanswered {
        var response = answer.path("response");
        if (!response.isObject()) {
            throw invalid("webhook response was absent");
        }
        if (webhook.reviewVersion().equals("v1")) {
            if (!Meta.text(response, "uid").equals(uid)) {
                throw invalid("expected response.uid=\"%s\", got \"%s\"".formatted(uid, Meta.text(response, "uid")));
            }
            if (!Meta.text(answer, "apiVersion").equals("admission.k8s.io/v1")
                    || !Meta.text(answer, "kind").equals("AdmissionReview")) {
                throw invalid("expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got %s, Kind=%s"
                        .formatted(Meta.text(answer, "apiVersion"), Meta.text(answer, "kind")));
            }
        }
        var warnings = new ArrayList<String>();
        response.path("warnings").forEach(w -> warnings.add(w.stringValue("")));
        var annotations = new LinkedHashMap<>(Meta.strings(response.path("auditAnnotations")));
        var refusal = response.path("allowed").booleanValue(false) ? null : refusal(response.path("status"));
        return new Verdict(refusal, refusal == null ? patch(response) : null, warnings, annotations);
    }

    private static Unanswered invalid(String why) {
        return new Unanswered("received invalid webhook response: " + why);
    }

    private @Nullable JsonNode patch(JsonNode response) throws Unanswered {
        var patch = Meta.text(response, "patch");
        var type = Meta.text(response, "patchType");
        if (!mutating) {
            if (!patch.isEmpty()) {
                throw invalid("validating webhook may not return response.patch");
            }
            if (!type.isEmpty()) {
                throw invalid("validating webhook may not return response.patchType");
            }
            return null;
        }
        if (patch.isEmpty()) {
            if (!type.isEmpty()) {
                throw invalid("webhook returned response.patchType but not response.patch");
            }
            return null;
        }
        if (type.isEmpty()) {
            throw invalid("webhook returned response.patch but not response.patchType");
        }
        if (!type.equals("JSONPatch")) {
            throw invalid("webhook returned invalid response.patchType of \"%s\"".formatted(type));
        }
        try {
            return JSON.readTree(Base64.getDecoder().decode(patch));
        } catch (JacksonException | IllegalArgumentException e) {
            throw invalid("response.patch cannot be decoded: " + e.getMessage());
        }
    }

    private Status refusal(JsonNode status) {
        var deniedBy = "admission webhook \"%s\" denied the request".formatted(webhook.name());
        var message = Meta.text(status, "message");
        var reason = Meta.text(status, "reason");
        var text = !message.isEmpty()
                ? deniedBy + ": " + message
                : reason.isEmpty() ? deniedBy + " without explanation" : deniedBy + ": " + reason;
        int code = Math.max(status.path("code").intValue(0), 400);
        return new Status(code, reason, text, details(status.path("details")));
    }

    private static Status.@Nullable Details details(JsonNode details) {
        if (!details.isObject()) {
            return null;
        }
        var causes = new ArrayList<Status.Cause>();
        for (var cause : details.path("causes")) {
            causes.add(new Status.Cause(
                    Meta.text(cause, "reason"), Meta.text(cause, "message"), Meta.text(cause, "field")));
        }
        return new Status.Details(
                Meta.text(details, "name"),
                Meta.text(details, "group"),
                Meta.text(details, "kind"),
                Meta.text(details, "uid"),
                causes,
                details.path("retryAfterSeconds").intValue(0));
    }
}
