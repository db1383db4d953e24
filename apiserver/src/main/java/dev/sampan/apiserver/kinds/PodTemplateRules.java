package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** PodTemplates. */
final class PodTemplateRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode object) {
        PodDefaults.template(Defaults.object(object, "template"));
    }

    @Override
    public List<FieldError> validate(ObjectNode object) {
        var errors = new Errors();
        PodSpecRules.template(errors, Field.of(object, "template"));
        return errors.list();
    }
}
