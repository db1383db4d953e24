package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Nobody hands out by a role or a binding what they do not hold themselves, unless they may {@code escalate} the role or
 * {@code bind} it. Runs last in validation, on what is about to be stored.
 */
final class EscalationCheck implements AdmissionPlugin {

    private static final List<Rule> EVERYTHING = List.of(
            new Rule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of()),
            new Rule(List.of("*"), List.of(), List.of(), List.of(), List.of("*")));

    private final RbacState state;
    private final RbacAuthorizer rbac;
    private final Authorizer authorizer;

    EscalationCheck(RbacState state, RbacAuthorizer rbac, Authorizer authorizer) {
        this.state = state;
        this.rbac = rbac;
        this.authorizer = authorizer;
    }

    @Override
    public void validate(AdmissionRequest request) {
        var object = request.object();
        if (object == null
                || !request.resource().group().equals(RbacState.GROUP)
                || !request.subresource().isEmpty()
                || request.context().user().inGroup(UserInfo.MASTERS)) {
            return;
        }
        switch (request.resource().resource()) {
            case "roles", "clusterroles" -> checkRole(request, object);
            case "rolebindings", "clusterrolebindings" -> checkBinding(request, object);
            default -> {}
        }
    }

    private void checkRole(AdmissionRequest request, ObjectNode role) {
        if (unchanged(request, role, "rules") && unchanged(request, role, "aggregationRule")) {
            return;
        }
        var user = request.context().user();
        if (mayDo("escalate", request.resource(), request.namespace(), Meta.name(role), user)) {
            return;
        }
        requireHeld(request, user, Rule.listOf(role.path("rules")));
        var selectors = role.path("aggregationRule").path("clusterRoleSelectors");
        if (!selectors.isEmpty()
                && !Rule.missing(rbac.rulesFor(user, "").rules(), EVERYTHING).isEmpty()) {
            throw request.forbidden("must have cluster-admin privileges to use the aggregationRule");
        }
    }

    private void checkBinding(AdmissionRequest request, ObjectNode binding) {
        if (unchanged(request, binding, "subjects") && unchanged(request, binding, "roleRef")) {
            return;
        }
        var user = request.context().user();
        var kind = Meta.text(binding, "roleRef", "kind");
        var name = Meta.text(binding, "roleRef", "name");
        var resource = kind.equals("ClusterRole") ? RbacState.CLUSTER_ROLES : RbacState.ROLES;
        if (mayDo("bind", resource, request.namespace(), name, user)) {
            return;
        }
        var rules = state.rulesOf(kind, name, request.namespace());
        if (rules == null) {
            throw ApiException.notFound(resource, name);
        }
        requireHeld(request, user, rules);
    }

    private static boolean unchanged(AdmissionRequest request, ObjectNode object, String field) {
        var old = request.oldObject();
        return request.operation() == Operation.UPDATE
                && old != null
                && Objects.equals(present(old, field), present(object, field));
    }

    private static JsonNode present(ObjectNode object, String field) {
        return object.path(field);
    }

    private boolean mayDo(String verb, GroupResource resource, String namespace, String name, UserInfo user) {
        var what = Attributes.ofResource(verb, resource.group(), "*", resource.resource(), "", namespace, name);
        return authorizer.authorize(user, what).allowed();
    }

    private void requireHeld(AdmissionRequest request, UserInfo user, List<Rule> wanted) {
        var held = rbac.rulesFor(user, request.namespace());
        var missing = Rule.missing(held.rules(), wanted);
        if (missing.isEmpty()) {
            return;
        }
        var described =
                CompactRules.of(missing).stream().map(Rule::describe).sorted().collect(Collectors.joining("\n"));
        var message = "user \"%s\" (groups=%s) is attempting to grant RBAC permissions not currently held:\n%s"
                .formatted(user.name(), Rule.quote(user.groups()), described);
        throw request.forbidden(
                held.missingRoles().isEmpty()
                        ? message
                        : message + "; resolution errors: [" + String.join(" ", held.missingRoles()) + "]");
    }
}
