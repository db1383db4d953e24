package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.policy.Conditions;
import dev.sampan.apiserver.policy.Matching;
import dev.sampan.schema.cel.CelFailure;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One webhook of a configuration, ready to be called. Immutable.
 *
 * @param problem why it cannot be called; null when it can
 */
record Webhook(
        String configuration,
        String name,
        JsonNode spec,
        @Nullable Conditions conditions,
        @Nullable SSLSocketFactory tls,
        @Nullable String problem) {

    static Webhook of(String configuration, JsonNode spec) {
        var name = Meta.text(spec, "name");
        try {
            var conditions =
                    spec.path("matchConditions").isEmpty() ? null : Conditions.compile(spec.path("matchConditions"));
            var bundle = Base64.getDecoder().decode(Meta.text(spec, "clientConfig", "caBundle"));
            return new Webhook(configuration, name, spec, conditions, KeyStores.trustingOnly(bundle), null);
        } catch (CelFailure | GeneralSecurityException | IllegalArgumentException e) {
            return new Webhook(configuration, name, spec, null, null, String.valueOf(e.getMessage()));
        }
    }

    /** The version in which it wants to see a request; null when it does not, by rules and selectors. */
    @Nullable
    String version(AdmissionRequest request) {
        boolean exact = Meta.text(spec, "matchPolicy").equals("Exact");
        var version = Matching.version(spec.path("rules"), request, exact);
        return version != null && Matching.selects(spec, request) ? version : null;
    }

    boolean failsClosed() {
        return !Meta.text(spec, "failurePolicy").equals("Ignore");
    }

    boolean again() {
        return Meta.text(spec, "reinvocationPolicy").equals("IfNeeded");
    }

    /** Whether a call for a dry run leaves no trace. */
    boolean allowsDryRun() {
        var effects = Meta.text(spec, "sideEffects");
        return effects.equals("None") || effects.equals("NoneOnDryRun");
    }

    Duration timeout() {
        return Duration.ofSeconds(spec.path("timeoutSeconds").longValue(10));
    }

    /** The newest version of AdmissionReview among the first that we know. */
    String reviewVersion() {
        for (var version : spec.path("admissionReviewVersions")) {
            var text = version.stringValue("");
            if (text.equals("v1") || text.equals("v1beta1")) {
                return text;
            }
        }
        return "v1";
    }
}
