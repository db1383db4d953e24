package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.policy.Environment;
import dev.sampan.apiserver.policy.Matching;
import dev.sampan.apiserver.policy.Versions;
import dev.sampan.schema.cel.CelFailure;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides which webhooks are asked about one request. The environment of conditions is made when one needs it. */
final class Gate {

    private final AdmissionRequest request;
    private final Authorizer authorizer;
    private final Map<String, Map<String, Object>> environments = new HashMap<>();

    Gate(AdmissionRequest request, Authorizer authorizer) {
        this.request = request;
        this.authorizer = authorizer;
    }

    /**
     * The request as the webhook is to see it; null when it is not asked.
     *
     * @throws ApiException when its conditions cannot be evaluated and it fails closed, or it cannot take a dry run
     */
    @Nullable
    AdmissionRequest admit(Webhook webhook) {
        var version = Matching.isExempt(request) ? null : webhook.version(request);
        if (version == null) {
            return null;
        }
        var seen = Versions.in(version, request);
        if (!conditionsHold(webhook, version, seen)) {
            return null;
        }
        if (request.context().dryRun() && !webhook.allowsDryRun()) {
            throw ApiException.badRequest(
                    "admission webhook \"%s\" does not support dry run".formatted(webhook.name()));
        }
        return seen;
    }

    private boolean conditionsHold(Webhook webhook, String version, AdmissionRequest seen) {
        if (webhook.conditions() == null) {
            return true;
        }
        try {
            return webhook.conditions()
                    .hold(environments.computeIfAbsent(version, v -> Environment.of(seen, authorizer)));
        } catch (CelFailure e) {
            if (webhook.failsClosed()) {
                throw ApiException.forbidden(request.resource(), request.name(), String.valueOf(e.getMessage()));
            }
            return false;
        }
    }

    /** The object has changed: conditions are to see it. */
    void forget() {
        environments.clear();
    }

    /** What happens when a webhook gives no answer: nothing, or the end of the request. */
    static void unanswered(Webhook webhook, String why) {
        if (webhook.failsClosed()) {
            throw ApiException.internal("failed calling webhook \"%s\": %s".formatted(webhook.name(), why));
        }
        org.slf4j.LoggerFactory.getLogger(Gate.class)
                .warn("Failed calling webhook, failing open {}: {}", webhook.name(), why);
    }
}
