package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.UserInfo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/** Role based access control, evaluated as Kubernetes does. */
final class RbacAuthorizer implements Authorizer {

    private final RbacState state;

    RbacAuthorizer(RbacState state) {
        this.state = state;
    }

    /** @param missingRoles roles that bindings name and that do not exist, as Kubernetes words it */
    record Resolved(List<Rule> rules, List<String> missingRoles) {}

    @Override
    public Decision authorize(UserInfo user, Attributes attributes) {
        var missing = new LinkedHashSet<String>();
        for (var grant : state.grantsOf(user, attributes.namespace())) {
            var binding = grant.binding();
            var rules = state.rulesOf(binding.roleKind(), binding.roleName(), binding.namespace());
            if (rules == null) {
                missing.add(missingRole(binding));
            } else if (rules.stream().anyMatch(r -> r.allows(attributes))) {
                return Decision.allow("RBAC: allowed by " + binding.describe(grant.subject()));
            }
        }
        return missing.isEmpty()
                ? Decision.NO_OPINION
                : new Decision(Verdict.NO_OPINION, "RBAC: " + joined(List.copyOf(missing)));
    }

    /** All rules that hold for a user; {@code namespace} empty for cluster-wide ones alone. */
    Resolved rulesFor(UserInfo user, String namespace) {
        var rules = new ArrayList<Rule>();
        var missing = new LinkedHashSet<String>();
        for (var grant : state.grantsOf(user, namespace)) {
            var binding = grant.binding();
            var found = state.rulesOf(binding.roleKind(), binding.roleName(), binding.namespace());
            if (found == null) {
                missing.add(missingRole(binding));
            } else {
                rules.addAll(found);
            }
        }
        return new Resolved(rules, List.copyOf(missing));
    }

    private static String missingRole(Binding binding) {
        return "%s.rbac.authorization.k8s.io \"%s\" not found"
                .formatted(binding.roleKind().toLowerCase(Locale.ROOT), binding.roleName());
    }

    /** Go's printed form of an aggregated error. */
    static String joined(List<String> errors) {
        return errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]";
    }
}
