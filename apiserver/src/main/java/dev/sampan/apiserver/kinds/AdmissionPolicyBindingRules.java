package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Bindings of admission policies. */
record AdmissionPolicyBindingRules(boolean mutating) implements KindRules {

    @Override
    public void setDefaults(ObjectNode binding) {
        AdmissionDefaults.matching(binding.path("spec").path("matchResources"));
    }

    @Override
    public List<FieldError> validate(ObjectNode binding) {
        var errors = new Errors();
        var spec = Field.of(binding, "spec");
        if (spec.text("policyName").isEmpty()) {
            errors.required(spec.at("policyName"), "");
        }
        params(errors, spec.at("paramRef"));
        AdmissionChecks.matching(errors, spec.at("matchResources"));
        if (!mutating) {
            actions(errors, spec.at("validationActions"));
        }
        return errors.list();
    }

    private static void params(Errors errors, Field ref) {
        if (!ref.present()) {
            return;
        }
        boolean named = !ref.text("name").isEmpty();
        if (named && ref.has("selector")) {
            errors.forbidden(ref.at("name"), "name and selector are mutually exclusive");
        } else if (!named && !ref.has("selector")) {
            errors.required(ref, "one of name or selector must be specified");
        }
        errors.selector(ref.at("selector"));
        if (ref.text("parameterNotFoundAction").isEmpty()) {
            errors.required(ref.at("parameterNotFoundAction"), "");
        } else {
            errors.oneOf(ref.at("parameterNotFoundAction"), List.of("Allow", "Deny"));
        }
    }

    private static void actions(Errors errors, Field actions) {
        if (actions.items().isEmpty()) {
            errors.required(actions, "");
        }
        var seen = new HashSet<String>();
        for (var action : actions.items()) {
            errors.oneOf(action, List.of("Audit", "Deny", "Warn"));
            if (!seen.add(action.text())) {
                errors.duplicate(action);
            }
        }
        if (seen.containsAll(List.of("Deny", "Warn"))) {
            errors.invalid(
                    actions,
                    actions.value(),
                    "must not contain both Deny and Warn (repeating the same validation failure information in the API"
                            + " response and headers serves no purpose)");
        }
    }
}
