package dev.sampan.apiserver;

import dev.sampan.apiserver.certificates.CertificateAdmission;
import dev.sampan.apiserver.policy.MutatingPolicies;
import dev.sampan.apiserver.policy.ValidatingPolicies;
import dev.sampan.apiserver.webhook.MutatingWebhooks;
import dev.sampan.apiserver.webhook.ValidatingWebhooks;
import java.util.LinkedHashMap;
import java.util.Map;

/** Admission that comes after the fixed plugins, in Kubernetes' order: certificates, then what users set up with objects. */
final class DynamicAdmission implements AutoCloseable {

    private final Authorizer authorizer;
    private final MutatingPolicies mutatingPolicies;
    private final MutatingWebhooks mutatingWebhooks;
    private final ValidatingPolicies validatingPolicies;
    private final ValidatingWebhooks validatingWebhooks;

    DynamicAdmission(Objects objects, Authorizer authorizer, AdmissionMetrics metrics) {
        this.authorizer = authorizer;
        mutatingPolicies = new MutatingPolicies(objects, authorizer);
        mutatingWebhooks = new MutatingWebhooks(objects, authorizer, metrics);
        validatingPolicies = new ValidatingPolicies(objects, authorizer, metrics);
        validatingWebhooks = new ValidatingWebhooks(objects, authorizer, metrics);
    }

    /** By name, in order. */
    Map<String, AdmissionPlugin> plugins() {
        var plugins = new LinkedHashMap<String, AdmissionPlugin>(CertificateAdmission.plugins(authorizer));
        plugins.put("MutatingAdmissionPolicy", mutatingPolicies);
        plugins.put("MutatingAdmissionWebhook", mutatingWebhooks);
        plugins.put("ValidatingAdmissionPolicy", validatingPolicies);
        plugins.put("ValidatingAdmissionWebhook", validatingWebhooks);
        return plugins;
    }

    @Override
    public void close() throws Exception {
        mutatingPolicies.close();
        mutatingWebhooks.close();
        validatingPolicies.close();
        validatingWebhooks.close();
    }
}
