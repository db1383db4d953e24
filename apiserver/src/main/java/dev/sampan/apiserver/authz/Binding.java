package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A RoleBinding, or a ClusterRoleBinding when {@code namespace} is empty.
 *
 * @param roleKind {@code ClusterRole} or {@code Role}
 */
record Binding(String namespace, String name, String roleKind, String roleName, List<Subject> subjects) {

    /**
     * Whom a binding is for.
     *
     * @param key how a user is found: {@code u:NAME} or {@code g:GROUP}
     * @param description as Kubernetes names the subject in messages
     */
    record Subject(String key, String description) {}

    static Binding of(JsonNode json) {
        var namespace = Meta.namespace(json);
        var subjects = new ArrayList<Subject>();
        for (var s : json.path("subjects")) {
            var subject = subject(s, namespace);
            if (subject != null) {
                subjects.add(subject);
            }
        }
        return new Binding(
                namespace,
                Meta.name(json),
                Meta.text(json, "roleRef", "kind"),
                Meta.text(json, "roleRef", "name"),
                List.copyOf(subjects));
    }

    private static @org.jspecify.annotations.Nullable Subject subject(JsonNode s, String bindingNamespace) {
        var name = Meta.text(s, "name");
        return switch (Meta.text(s, "kind")) {
            case "User" -> new Subject("u:" + name, "User \"" + name + "\"");
            case "Group" -> new Subject("g:" + name, "Group \"" + name + "\"");
            case "ServiceAccount" -> {
                var own = Meta.text(s, "namespace");
                var namespace = own.isEmpty() ? bindingNamespace : own;
                yield new Subject(
                        "u:system:serviceaccount:" + namespace + ":" + name,
                        "ServiceAccount \"" + name + "/" + namespace + "\"");
            }
            default -> null;
        };
    }

    /** Why a request is allowed: {@code ClusterRoleBinding "b" of ClusterRole "r" to Group "g"}. */
    String describe(Subject subject) {
        return namespace.isEmpty()
                ? "ClusterRoleBinding \"%s\" of %s \"%s\" to %s"
                        .formatted(name, roleKind, roleName, subject.description())
                : "RoleBinding \"%s/%s\" of %s \"%s\" to %s"
                        .formatted(name, namespace, roleKind, roleName, subject.description());
    }
}
