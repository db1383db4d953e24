package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** IngressClasses. */
final class IngressClassRules implements KindRules {

    private static final int MAX_CONTROLLER = 250;

    @Override
    public void setDefaults(ObjectNode one) {
        if (one.path("spec").path("parameters") instanceof ObjectNode parameters) {
            Defaults.text(parameters, "scope", "Cluster");
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode one) {
        var errors = new Errors();
        var controller = Field.of(one, "spec").at("controller");
        if (controller.text().length() > MAX_CONTROLLER) {
            errors.add(FieldError.tooLong(controller.path(), MAX_CONTROLLER));
        }
        int slash = controller.text().indexOf('/');
        if (controller.text().isEmpty()) {
            errors.required(controller, "");
        } else if (slash <= 0 || slash == controller.text().length() - 1) {
            errors.invalid(controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        } else {
            errors.names(controller, Names.dns1123Subdomain(controller.text().substring(0, slash)));
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode one, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(one, "spec").at("controller"), Field.of(old, "spec").at("controller"));
        return errors.list();
    }
}
