package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** RoleBindings and ClusterRoleBindings. */
final class RoleBindingRules implements KindRules {

    private final boolean namespaced;

    RoleBindingRules(boolean namespaced) {
        this.namespaced = namespaced;
    }

    @Override
    public void setDefaults(ObjectNode binding) {
        if (binding.path("roleRef") instanceof ObjectNode ref) {
            Defaults.text(ref, "apiGroup", RoleRules.GROUP);
        }
        for (var s : binding.path("subjects")) {
            if (s instanceof ObjectNode subject && !Meta.text(subject, "kind").equals("ServiceAccount")) {
                Defaults.text(subject, "apiGroup", RoleRules.GROUP);
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode binding) {
        var errors = new Errors();
        var ref = Field.of(binding, "roleRef");
        if (!ref.text("apiGroup").equals(RoleRules.GROUP)) {
            errors.oneOf(ref.at("apiGroup"), List.of(RoleRules.GROUP));
        }
        errors.oneOf(ref.at("kind"), namespaced ? List.of("ClusterRole", "Role") : List.of("ClusterRole"));
        if (ref.text("name").isEmpty()) {
            errors.required(ref.at("name"), "");
        } else {
            errors.names(ref.at("name"), Names.pathSegment(ref.text("name")));
        }
        for (var subject : Field.of(binding, "subjects").items()) {
            subject(errors, subject);
        }
        return errors.list();
    }

    private void subject(Errors errors, Field subject) {
        if (subject.text("name").isEmpty()) {
            errors.required(subject.at("name"), "");
        }
        switch (subject.text("kind")) {
            case "ServiceAccount" -> {
                if (!subject.text("name").isEmpty()) {
                    errors.names(subject.at("name"), Names.dns1123Subdomain(subject.text("name")));
                }
                if (!subject.text("apiGroup").isEmpty()) {
                    errors.oneOf(subject.at("apiGroup"), List.of(""));
                }
                if (!namespaced && subject.text("namespace").isEmpty()) {
                    errors.required(subject.at("namespace"), "");
                }
            }
            case "User", "Group" -> {
                if (!subject.text("apiGroup").equals(RoleRules.GROUP)) {
                    errors.oneOf(subject.at("apiGroup"), List.of(RoleRules.GROUP));
                }
            }
            default -> errors.oneOf(subject.at("kind"), List.of("ServiceAccount", "User", "Group"));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode binding, ObjectNode old) {
        var errors = new Errors();
        if (!binding.path("roleRef").equals(old.path("roleRef"))) {
            errors.invalid(Field.of(binding, "roleRef"), "cannot change roleRef");
        }
        return errors.list();
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }
}
