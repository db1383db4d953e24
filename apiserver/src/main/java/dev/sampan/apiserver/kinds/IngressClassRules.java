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
        parameters(errors, Field.of(one, "spec").at("parameters"));
        return errors.list();
    }

    private static void parameters(Errors errors, Field parameters) {
        if (!parameters.present()) {
            return;
        }
        if (parameters.text("kind").isEmpty()) {
            errors.required(parameters.at("kind"), "kind is required");
        }
        if (parameters.text("name").isEmpty()) {
            errors.required(parameters.at("name"), "name is required");
        }
        errors.oneOf(parameters.at("scope"), List.of("Cluster", "Namespace"));
        boolean namespaced = parameters.text("scope").equals("Namespace");
        if (namespaced && parameters.text("namespace").isEmpty()) {
            errors.required(parameters.at("namespace"), "`parameters.scope` is set to 'Namespace'");
        }
        if (!namespaced && parameters.has("namespace")) {
            errors.forbidden(parameters.at("namespace"), "`parameters.scope` is set to 'Cluster'");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode one, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(one, "spec").at("controller"), Field.of(old, "spec").at("controller"));
        return errors.list();
    }
}
