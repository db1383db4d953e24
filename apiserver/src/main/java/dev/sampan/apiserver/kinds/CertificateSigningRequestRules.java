package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.apiserver.pki.CertificateRequest;
import dev.sampan.schema.FieldError;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** CertificateSigningRequests: who asks is written down by the server, and nothing of the wish changes afterwards. */
final class CertificateSigningRequestRules implements KindRules {

    private static final int MIN_EXPIRATION_SECONDS = 600;
    private static final List<String> USAGES = List.of(
            "any",
            "cert sign",
            "client auth",
            "code signing",
            "content commitment",
            "crl sign",
            "data encipherment",
            "decipher only",
            "digital signature",
            "email protection",
            "encipher only",
            "ipsec end system",
            "ipsec tunnel",
            "ipsec user",
            "key agreement",
            "key encipherment",
            "microsoft sgc",
            "netscape sgc",
            "ocsp signing",
            "s/mime",
            "server auth",
            "signing",
            "timestamping");

    @Override
    public void prepareForCreate(ObjectNode request, RequestContext context) {
        var spec = Defaults.object(request, "spec");
        var user = context.user();
        spec.put("username", user.name());
        spec.remove(List.of("uid", "groups", "extra"));
        if (!user.uid().isEmpty()) {
            spec.put("uid", user.uid());
        }
        if (!user.groups().isEmpty()) {
            user.groups().forEach(spec.putArray("groups")::add);
        }
        if (!user.extra().isEmpty()) {
            var extra = spec.putObject("extra");
            user.extra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
        }
    }

    @Override
    public void prepareForUpdate(ObjectNode request, ObjectNode old, RequestContext context) {
        request.set("spec", old.path("spec").deepCopy());
    }

    @Override
    public List<FieldError> validate(ObjectNode request) {
        var errors = new Errors();
        var spec = Field.of(request, "spec");
        request(errors, spec.at("request"));
        usages(errors, spec.at("usages"));
        var signer = spec.at("signerName");
        if (signer.text().isEmpty()) {
            errors.required(signer, "");
        } else if (signer.text().equals("kubernetes.io/legacy-unknown")) {
            errors.invalid(signer, "the legacy signerName is not allowed via this API version");
        } else if (signer.text().indexOf('/') <= 0) {
            errors.invalid(signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }
        if (spec.has("expirationSeconds") && spec.at("expirationSeconds").number(0) < MIN_EXPIRATION_SECONDS) {
            errors.invalid(
                    spec.at("expirationSeconds"), "may not specify a duration less than 600 seconds (10 minutes)");
        }
        return errors.list();
    }

    private static void request(Errors errors, Field request) {
        if (request.text().isEmpty()) {
            errors.required(request, "");
            return;
        }
        try {
            var pem = new String(Base64.getDecoder().decode(request.text()), StandardCharsets.UTF_8);
            var unused = CertificateRequest.parse(pem);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            errors.invalid(request, "unable to parse csr: " + e.getMessage());
        }
    }

    private static void usages(Errors errors, Field usages) {
        if (usages.items().isEmpty()) {
            errors.required(usages, "");
        }
        var seen = new HashSet<String>();
        for (var usage : usages.items()) {
            errors.oneOf(usage, USAGES);
            if (!seen.add(usage.text())) {
                errors.duplicate(usage);
            }
        }
    }

    /** Approval and denial exclude each other and cannot be taken back. */
    @Override
    public List<FieldError> validatePartUpdate(String subresource, ObjectNode request, ObjectNode old) {
        var errors = new Errors();
        var conditions = Field.of(request, "status").at("conditions");
        if (has(request, "Approved") && has(request, "Denied")) {
            errors.invalid(conditions, "Approved and Denied conditions are mutually exclusive");
        }
        for (var type : new String[] {"Approved", "Denied"}) {
            if (has(old, type) && !has(request, type)) {
                errors.forbidden(conditions, "updates may not remove a condition of type \"" + type + "\"");
            }
        }
        return errors.list();
    }

    private static boolean has(ObjectNode request, String type) {
        for (var condition : request.path("status").path("conditions")) {
            if (Meta.text(condition, "type").equals(type)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode request) {
        return Map.of("spec.signerName", Meta.text(request, "spec", "signerName"));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("spec.signerName");
    }
}
