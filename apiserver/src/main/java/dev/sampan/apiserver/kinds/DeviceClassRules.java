package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** DeviceClasses. */
final class DeviceClassRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode one) {
        var errors = new Errors();
        var spec = Field.of(one, "spec");
        DeviceRules.selectors(errors, spec.at("selectors"));
        DeviceRules.config(errors, spec.at("config"));
        return errors.list();
    }
}
