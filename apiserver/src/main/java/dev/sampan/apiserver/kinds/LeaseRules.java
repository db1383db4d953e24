package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Leases: written with a version only, or two leaders would not notice each other. */
final class LeaseRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode lease) {
        var errors = new Errors();
        var spec = Field.of(lease, "spec");
        errors.positive(spec.at("leaseDurationSeconds"));
        errors.notNegative(spec.at("leaseTransitions"));
        if (spec.has("holderIdentity") && spec.text("holderIdentity").isEmpty()) {
            errors.invalid(spec.at("holderIdentity"), "must not be empty");
        }
        return errors.list();
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }
}
