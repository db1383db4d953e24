package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** MutatingWebhookConfigurations and ValidatingWebhookConfigurations. */
record WebhookConfigurationRules(boolean mutating) implements KindRules {

    @Override
    public void setDefaults(ObjectNode configuration) {
        for (var node : configuration.path("webhooks")) {
            var webhook = (ObjectNode) node;
            AdmissionDefaults.text(webhook, "failurePolicy", "Fail");
            AdmissionDefaults.matching(webhook);
            if (!webhook.has("timeoutSeconds")) {
                webhook.put("timeoutSeconds", 10);
            }
            if (mutating) {
                AdmissionDefaults.text(webhook, "reinvocationPolicy", "Never");
            }
            WebhookClientRules.setDefaults(webhook.path("clientConfig"));
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode configuration) {
        var errors = new Errors();
        var names = new HashSet<String>();
        for (var webhook : Field.of(configuration, "webhooks").items()) {
            webhook(errors, webhook);
            if (!names.add(webhook.text("name"))) {
                errors.duplicate(webhook.at("name"));
            }
        }
        return errors.list();
    }

    private void webhook(Errors errors, Field webhook) {
        var name = webhook.at("name");
        if (name.text().isEmpty()) {
            errors.required(name, "");
        } else {
            errors.names(name, Names.dns1123Subdomain(name.text()));
            if (name.text().split("\\.").length < 3) {
                errors.invalid(name, "should be a domain with at least three segments separated by dots");
            }
        }
        var versions = webhook.at("admissionReviewVersions");
        if (versions.items().isEmpty()) {
            errors.required(versions, "must specify one of v1, v1beta1");
        } else if (versions.items().stream()
                .noneMatch(v -> Arrays.asList("v1", "v1beta1").contains(v.text()))) {
            errors.invalid(versions, versions.value(), "must include at least one of v1, v1beta1");
        }
        var rules = webhook.at("rules");
        AdmissionChecks.rules(errors, rules);
        AdmissionChecks.failurePolicy(errors, webhook.at("failurePolicy"));
        AdmissionChecks.matching(errors, webhook);
        if (webhook.text("sideEffects").isEmpty()) {
            errors.required(webhook.at("sideEffects"), "must specify one of None, NoneOnDryRun");
        } else {
            errors.oneOf(webhook.at("sideEffects"), List.of("None", "NoneOnDryRun"));
        }
        long timeout = webhook.at("timeoutSeconds").number(10);
        if (timeout < 1 || timeout > 30) {
            errors.invalid(webhook.at("timeoutSeconds"), "the timeout value must be between 1 and 30 seconds");
        }
        if (mutating && webhook.has("reinvocationPolicy")) {
            errors.oneOf(webhook.at("reinvocationPolicy"), List.of("IfNeeded", "Never"));
        }
        WebhookClientRules.check(errors, webhook.at("clientConfig"));
        AdmissionChecks.conditions(errors, webhook.at("matchConditions"));
    }
}
