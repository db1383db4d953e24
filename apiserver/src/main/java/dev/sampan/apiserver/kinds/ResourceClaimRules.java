package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** ResourceClaims and, with the spec one level deeper, ResourceClaimTemplates: neither changes its mind. */
record ResourceClaimRules(boolean template) implements KindRules {

    @Override
    public void setDefaults(ObjectNode one) {
        if (spec(one).value() instanceof ObjectNode spec) {
            DeviceRules.setDefaults(spec);
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode one) {
        var errors = new Errors();
        if (template) {
            errors.labels(Field.of(one, "spec").at("metadata").at("labels"));
        }
        DeviceRules.claim(errors, spec(one));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode one, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(Field.of(one, "spec"), Field.of(old, "spec"));
        return errors.list();
    }

    private Field spec(ObjectNode one) {
        var spec = Field.of(one, "spec");
        return template ? spec.at("spec") : spec;
    }
}
