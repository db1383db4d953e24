package dev.sampan.apiserver.certificates;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.CertificateRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The admission plugins CertificateApproval, CertificateSigning and CertificateSubjectRestriction. */
public final class CertificateAdmission {

    private CertificateAdmission() {}

    /** By name, in Kubernetes' order. */
    public static Map<String, AdmissionPlugin> plugins(Authorizer authorizer) {
        var plugins = new LinkedHashMap<String, AdmissionPlugin>();
        plugins.put("CertificateApproval", new Permission(authorizer, "approval", "approve"));
        plugins.put("CertificateSigning", new Permission(authorizer, "status", "sign"));
        plugins.put("CertificateSubjectRestriction", new SubjectRestriction());
        return plugins;
    }

    private static boolean isFor(AdmissionRequest request, Operation operation, String subresource) {
        return request.operation() == operation
                && request.subresource().equals(subresource)
                && request.resource().equals(CertificateSigner.REQUESTS);
    }

    /** Whoever approves or signs for a signer needs a verb on it. */
    private record Permission(Authorizer authorizer, String subresource, String verb) implements AdmissionPlugin {

        @Override
        public void validate(AdmissionRequest request) {
            var old = request.oldObject();
            var object = request.object();
            if (!isFor(request, Operation.UPDATE, subresource) || old == null || object == null) {
                return;
            }
            if (verb.equals("sign") && sameStatus(old, object)) {
                return;
            }
            var signer = Meta.text(old, "spec", "signerName");
            var domain = signer.substring(0, Math.max(0, signer.indexOf('/'))) + "/*";
            if (!may(request, signer) && !may(request, domain)) {
                throw request.forbidden(
                        "user not permitted to %s requests with signerName \"%s\"".formatted(verb, signer));
            }
        }

        private static boolean sameStatus(JsonNode old, JsonNode object) {
            var before = old.path("status").path("certificate");
            return before.equals(object.path("status").path("certificate"))
                    && old.path("status")
                            .path("conditions")
                            .equals(object.path("status").path("conditions"));
        }

        private boolean may(AdmissionRequest request, String signer) {
            var attributes = Attributes.ofResource(verb, "certificates.k8s.io", "*", "signers", "", "", signer);
            return authorizer.authorize(request.context().user(), attributes).allowed();
        }
    }

    /** Nobody becomes an administrator by a certificate. */
    private record SubjectRestriction() implements AdmissionPlugin {

        @Override
        public void validate(AdmissionRequest request) {
            var object = request.object();
            if (!isFor(request, Operation.CREATE, "")
                    || object == null
                    || !Meta.text(object, "spec", "signerName").equals(Signers.CLIENT)) {
                return;
            }
            try {
                var pem = Base64.getDecoder().decode(Meta.text(object, "spec", "request"));
                var wish = CertificateRequest.parse(new String(pem, StandardCharsets.UTF_8));
                if (wish.organizations().contains("system:masters")) {
                    throw request.forbidden(
                            "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed");
                }
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw request.forbidden("failed to parse CSR: " + e.getMessage());
            }
        }
    }
}
