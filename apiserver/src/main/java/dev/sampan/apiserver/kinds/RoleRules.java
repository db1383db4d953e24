package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Roles and ClusterRoles. Who may write which rules is checked by the escalation check of authorization. */
final class RoleRules implements KindRules {

    static final String GROUP = "rbac.authorization.k8s.io";

    private final boolean namespaced;

    RoleRules(boolean namespaced) {
        this.namespaced = namespaced;
    }

    @Override
    public void setDefaults(ObjectNode role) {
        if (!role.has("rules")) {
            role.putNull("rules");
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode role) {
        var errors = new Errors();
        for (var rule : Field.of(role, "rules").items()) {
            rule(errors, rule);
        }
        var selectors = Field.of(role, "aggregationRule").at("clusterRoleSelectors");
        if (role.path("aggregationRule").isObject()) {
            if (selectors.value().isEmpty()) {
                errors.required(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil");
            }
            selectors.items().forEach(errors::selector);
        }
        return errors.list();
    }

    private void rule(Errors errors, Field rule) {
        if (rule.at("verbs").value().isEmpty()) {
            errors.required(rule.at("verbs"), "verbs must contain at least one value");
        }
        if (!rule.at("nonResourceURLs").value().isEmpty()) {
            if (namespaced) {
                errors.invalid(rule.at("nonResourceURLs"), "namespaced rules cannot apply to non-resource URLs");
            }
            if (!rule.at("apiGroups").value().isEmpty()
                    || !rule.at("resources").value().isEmpty()
                    || !rule.at("resourceNames").value().isEmpty()) {
                errors.invalid(
                        rule.at("nonResourceURLs"),
                        "rules cannot apply to both regular resources and non-resource URLs");
            }
            return;
        }
        if (rule.at("apiGroups").value().isEmpty()) {
            errors.required(rule.at("apiGroups"), "resource rules must supply at least one api group");
        }
        if (rule.at("resources").value().isEmpty()) {
            errors.required(rule.at("resources"), "resource rules must supply at least one resource");
        }
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
