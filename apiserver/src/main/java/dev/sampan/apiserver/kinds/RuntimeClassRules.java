package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** RuntimeClasses. */
final class RuntimeClassRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode one) {
        var errors = new Errors();
        errors.names(Field.of(one, "handler"), Names.dns1123Label(Meta.text(one, "handler")));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode one, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(Field.of(one, "handler"), Field.of(old, "handler"));
        return errors.list();
    }
}
