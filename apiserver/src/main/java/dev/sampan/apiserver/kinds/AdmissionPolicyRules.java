package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.cel.CelExpressions.Result;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** ValidatingAdmissionPolicies and MutatingAdmissionPolicies. */
record AdmissionPolicyRules(boolean mutating) implements KindRules {

    @Override
    public void setDefaults(ObjectNode policy) {
        if (policy.path("spec") instanceof ObjectNode spec) {
            AdmissionDefaults.text(spec, "failurePolicy", "Fail");
            AdmissionDefaults.matching(spec.path("matchConstraints"));
            if (mutating) {
                AdmissionDefaults.text(spec, "reinvocationPolicy", "Never");
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode policy) {
        var errors = new Errors();
        var spec = Field.of(policy, "spec");
        AdmissionChecks.failurePolicy(errors, spec.at("failurePolicy"));
        var constraints = spec.at("matchConstraints");
        if (!constraints.present()) {
            errors.required(constraints, "");
        } else if (constraints.at("resourceRules").items().isEmpty()) {
            errors.required(constraints.at("resourceRules"), "");
        }
        AdmissionChecks.matching(errors, constraints);
        var kind = spec.at("paramKind");
        if (kind.present()) {
            if (kind.text("apiVersion").isEmpty()) {
                errors.required(kind.at("apiVersion"), "");
            }
            if (kind.text("kind").isEmpty()) {
                errors.required(kind.at("kind"), "");
            }
        }
        AdmissionChecks.conditions(errors, spec.at("matchConditions"));
        variables(errors, spec.at("variables"));
        if (mutating) {
            mutations(errors, spec);
        } else {
            validations(errors, spec);
        }
        return errors.list();
    }

    private static void variables(Errors errors, Field variables) {
        var names = new HashSet<String>();
        for (var variable : variables.items()) {
            var name = variable.at("name");
            if (name.text().isEmpty()) {
                errors.required(name, "name is not specified");
            } else if (!name.text().matches("[_a-zA-Z][_a-zA-Z0-9]*")) {
                errors.invalid(name, "name is not a valid CEL identifier");
            } else if (!names.add(name.text())) {
                errors.duplicate(name);
            }
            AdmissionChecks.expression(errors, variable.at("expression"), AdmissionExpressions.bodies(), Result.ANY);
        }
    }

    private static void validations(Errors errors, Field spec) {
        if (spec.at("validations").items().isEmpty()
                && spec.at("auditAnnotations").items().isEmpty()) {
            errors.required(spec.at("validations"), "validations or auditAnnotations must contain at least one item");
        }
        for (var validation : spec.at("validations").items()) {
            AdmissionChecks.expression(errors, validation.at("expression"), AdmissionExpressions.bodies(), Result.BOOL);
            if (validation.has("messageExpression")) {
                AdmissionChecks.expression(
                        errors, validation.at("messageExpression"), AdmissionExpressions.bodies(), Result.STRING);
            }
            if (validation.text("message").contains("\n")) {
                errors.invalid(validation.at("message"), "message must not contain line breaks");
            }
            if (validation.has("reason")) {
                errors.oneOf(
                        validation.at("reason"),
                        List.of("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"));
            }
        }
        var keys = new HashSet<String>();
        for (var annotation : spec.at("auditAnnotations").items()) {
            if (annotation.text("key").isEmpty()) {
                errors.required(annotation.at("key"), "");
            } else if (!keys.add(annotation.text("key"))) {
                errors.duplicate(annotation.at("key"));
            }
            AdmissionChecks.expression(
                    errors, annotation.at("valueExpression"), AdmissionExpressions.bodies(), Result.ANY);
        }
    }

    private static void mutations(Errors errors, Field spec) {
        if (spec.at("mutations").items().isEmpty()) {
            errors.required(spec.at("mutations"), "mutations must contain at least one item");
        }
        for (var mutation : spec.at("mutations").items()) {
            errors.requiredOneOf(mutation.at("patchType"), List.of("ApplyConfiguration", "JSONPatch"));
            boolean patch = mutation.text("patchType").equals("JSONPatch");
            var wanted = mutation.at(patch ? "jsonPatch" : "applyConfiguration");
            var other = mutation.at(patch ? "applyConfiguration" : "jsonPatch");
            if (!wanted.present()) {
                errors.required(wanted, "must be specified when patchType is " + mutation.text("patchType"));
            } else {
                AdmissionChecks.expression(errors, wanted.at("expression"), AdmissionExpressions.bodies(), Result.ANY);
            }
            if (other.present()) {
                errors.invalid(other, "must not be specified when patchType is " + mutation.text("patchType"));
            }
        }
    }
}
