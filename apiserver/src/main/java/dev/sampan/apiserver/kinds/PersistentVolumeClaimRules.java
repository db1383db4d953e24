package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** PersistentVolumeClaims. */
final class PersistentVolumeClaimRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode claim) {
        PodDefaults.claimSpec(Defaults.object(claim, "spec"));
    }

    @Override
    public void prepareForCreate(ObjectNode claim, RequestContext context) {
        claim.putObject("status").put("phase", "Pending");
    }

    @Override
    public List<FieldError> validate(ObjectNode claim) {
        var errors = new Errors();
        var spec = Field.of(claim, "spec");
        PersistentVolumeRules.accessModes(errors, spec.at("accessModes"), "at least 1 access mode is required");
        errors.selector(spec.at("selector"));
        var storage = spec.at("resources").at("requests").key("storage");
        if (!storage.present()) {
            errors.required(storage, "");
        } else {
            var amount = errors.quantity(storage);
            if (amount != null && amount.signum() <= 0) {
                errors.invalid(storage, amount.toString(), "must be greater than zero");
            }
        }
        if (!spec.text("storageClassName").isEmpty()) {
            errors.names(spec.at("storageClassName"), Names.dns1123Subdomain(spec.text("storageClassName")));
        }
        errors.oneOf(spec.at("volumeMode"), List.of("Block", "Filesystem"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode claim, ObjectNode old) {
        var errors = new Errors();
        var spec = Field.of(claim, "spec");
        var before = Field.of(old, "spec");
        var allowed = (ObjectNode) before.value().deepCopy();
        // The binder chooses the volume; a class may be given to a claim that had none.
        if (before.text("volumeName").isEmpty() && spec.has("volumeName")) {
            allowed.set("volumeName", spec.at("volumeName").value());
        }
        if (!before.has("storageClassName") && spec.has("storageClassName")) {
            allowed.set("storageClassName", spec.at("storageClassName").value());
        }
        if (spec.has("volumeAttributesClassName")) {
            allowed.set(
                    "volumeAttributesClassName",
                    spec.at("volumeAttributesClassName").value());
        }
        if (Meta.text(old, "status", "phase").equals("Bound")) {
            allowed.set("resources", spec.at("resources").value());
        }
        if (!allowed.equals(spec.value())) {
            errors.forbidden(
                    spec,
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound"
                            + " claims\n" + SpecDiff.of(allowed, spec.value()));
        }
        notSmaller(errors, spec, before, old);
        return errors.list();
    }

    private static void notSmaller(Errors errors, Field spec, Field before, ObjectNode old) {
        var field = spec.at("resources").at("requests").at("storage");
        var now = new Errors().quantity(field);
        var was = new Errors().quantity(before.at("resources").at("requests").at("storage"));
        var capacity = Field.of(old, "status").at("capacity").at("storage");
        var held = capacity.present() ? new Errors().quantity(capacity) : was;
        if (now != null && was != null && now.compareTo(was) < 0 && (held == null || now.compareTo(held) < 0)) {
            errors.forbidden(field, "field can not be less than status.capacity");
        }
    }
}
