package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** CertificateSigningRequests: who asks is written down by the server, and nothing of the wish changes afterwards. */
final class CertificateSigningRequestRules implements KindRules {

    private static final int MIN_EXPIRATION_SECONDS = 600;

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
        if (spec.text("request").isEmpty()) {
            errors.required(spec.at("request"), "");
        }
        if (spec.at("usages").value().isEmpty()) {
            errors.required(spec.at("usages"), "");
        }
        var signer = spec.at("signerName");
        if (signer.text().isEmpty()) {
            errors.required(signer, "");
        } else if (signer.text().indexOf('/') <= 0) {
            errors.invalid(signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }
        if (spec.has("expirationSeconds") && spec.at("expirationSeconds").number(0) < MIN_EXPIRATION_SECONDS) {
            errors.invalid(
                    spec.at("expirationSeconds"), "may not specify a duration less than 600 seconds (10 minutes)");
        }
        return errors.list();
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
