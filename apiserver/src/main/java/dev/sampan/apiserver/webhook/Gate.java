package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.policy.Environment;
import dev.sampan.apiserver.policy.Matching;
import dev.sampan.schema.cel.CelFailure;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides which webhooks are asked about one request. The environment of conditions is made when one needs it. */
final class Gate {

    private final AdmissionRequest request;
    private final Authorizer authorizer;
    private @Nullable Map<String, Object> environment;

    Gate(AdmissionRequest request, Authorizer authorizer) {
        this.request = request;
        this.authorizer = authorizer;
    }

    /** @throws ApiException when its conditions cannot be evaluated and it fails closed, or it cannot take a dry run */
    boolean admits(Webhook webhook) {
        if (Matching.isExempt(request) || !webhook.isAbout(request) || !conditionsHold(webhook)) {
            return false;
        }
        if (request.context().dryRun() && !webhook.allowsDryRun()) {
            throw ApiException.badRequest(
                    "admission webhook \"%s\" does not support dry run".formatted(webhook.name()));
        }
        return true;
    }

    private boolean conditionsHold(Webhook webhook) {
        if (webhook.conditions() == null) {
            return true;
        }
        try {
            if (environment == null) {
                environment = Environment.of(request, authorizer);
            }
            return webhook.conditions().hold(environment);
        } catch (CelFailure e) {
            if (webhook.failsClosed()) {
                throw ApiException.forbidden(request.resource(), request.name(), String.valueOf(e.getMessage()));
            }
            return false;
        }
    }

    /** The object has changed: conditions are to see it. */
    void forget() {
        environment = null;
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
