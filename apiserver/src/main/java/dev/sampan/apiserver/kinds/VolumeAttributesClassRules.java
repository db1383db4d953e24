package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** VolumeAttributesClasses. */
final class VolumeAttributesClassRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode attributes) {
        var errors = new Errors();
        CsiDriverRules.name(errors, Field.of(attributes, "driverName"));
        if (attributes.path("parameters").isEmpty()) {
            errors.required(Field.of(attributes, "parameters"), "must contain at least one key/value pair");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode attributes, ObjectNode old) {
        var errors = new Errors();
        for (var name : new String[] {"driverName", "parameters"}) {
            errors.immutable(Field.of(attributes, name), Field.of(old, name));
        }
        return errors.list();
    }
}
