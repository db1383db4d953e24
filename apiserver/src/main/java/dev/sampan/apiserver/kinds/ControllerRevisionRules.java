package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** ControllerRevisions: a revision's content never changes. */
final class ControllerRevisionRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode revision) {
        var errors = new Errors();
        if (Defaults.absent(revision, "data")) {
            errors.required(Field.of(revision, "data"), "data is mandatory");
        }
        errors.notNegative(Field.of(revision, "revision"));
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode revision, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(Field.of(revision, "data"), Field.of(old, "data"));
        return errors.list();
    }
}
