package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Roles and bindings as they stand, indexed by subject. Written by the follower threads of {@link Objects}; read by every
 * request without locking.
 */
final class RbacState implements AutoCloseable {

    static final String GROUP = "rbac.authorization.k8s.io";
    static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");
    static final GroupResource ROLES = new GroupResource(GROUP, "roles");
    static final GroupResource CLUSTER_ROLE_BINDINGS = new GroupResource(GROUP, "clusterrolebindings");
    static final GroupResource ROLE_BINDINGS = new GroupResource(GROUP, "rolebindings");

    private final Map<String, List<Rule>> clusterRoles = new ConcurrentHashMap<>();
    private final Map<String, List<Rule>> roles = new ConcurrentHashMap<>();
    private final Map<String, Set<Grant>> clusterGrants = new ConcurrentHashMap<>();
    private final Map<String, Set<Grant>> namespaceGrants = new ConcurrentHashMap<>();
    private final List<AutoCloseable> followers = new ArrayList<>();

    /** What one subject of one binding gets. */
    record Grant(Binding binding, Binding.Subject subject) {}

    RbacState(Objects objects) {
        followers.add(
                objects.follow(CLUSTER_ROLES, (before, after) -> putRole(clusterRoles, Meta::name, before, after)));
        followers.add(objects.follow(
                ROLES, (before, after) -> putRole(roles, o -> Meta.namespace(o) + "/" + Meta.name(o), before, after)));
        followers.add(
                objects.follow(CLUSTER_ROLE_BINDINGS, (before, after) -> putBinding(clusterGrants, before, after)));
        followers.add(objects.follow(ROLE_BINDINGS, (before, after) -> putBinding(namespaceGrants, before, after)));
    }

    private static void putRole(
            Map<String, List<Rule>> target,
            Function<ObjectNode, String> key,
            @Nullable ObjectNode before,
            @Nullable ObjectNode after) {
        if (after != null) {
            target.put(key.apply(after), Rule.listOf(after.path("rules")));
        } else if (before != null) {
            target.remove(key.apply(before));
        }
    }

    private static void putBinding(
            Map<String, Set<Grant>> target, @Nullable ObjectNode before, @Nullable ObjectNode after) {
        // Added before removed: an update must not take away for a moment what it keeps.
        var added = after == null ? List.<Grant>of() : grants(Binding.of(after));
        added.forEach(g -> target.computeIfAbsent(key(g), k -> ConcurrentHashMap.newKeySet())
                .add(g));
        if (before != null) {
            for (var gone : grants(Binding.of(before))) {
                if (!added.contains(gone)) {
                    target.computeIfPresent(key(gone), (k, set) -> {
                        set.remove(gone);
                        return set.isEmpty() ? null : set;
                    });
                }
            }
        }
    }

    private static List<Grant> grants(Binding binding) {
        return binding.subjects().stream().map(s -> new Grant(binding, s)).toList();
    }

    private static String key(Grant grant) {
        return grant.binding().namespace() + "|" + grant.subject().key();
    }

    /** Everything bound to a user in the whole cluster and, unless {@code namespace} is empty, in a namespace. */
    List<Grant> grantsOf(UserInfo user, String namespace) {
        var result = new ArrayList<Grant>();
        collect(result, clusterGrants, "", user);
        if (!namespace.isEmpty()) {
            collect(result, namespaceGrants, namespace, user);
        }
        return result;
    }

    private static void collect(List<Grant> result, Map<String, Set<Grant>> from, String namespace, UserInfo user) {
        result.addAll(from.getOrDefault(namespace + "|u:" + user.name(), Set.of()));
        for (var group : user.groups()) {
            result.addAll(from.getOrDefault(namespace + "|g:" + group, Set.of()));
        }
    }

    /** Rules of a role; null when there is no such role. */
    @Nullable
    List<Rule> rulesOf(String roleKind, String roleName, String namespace) {
        return roleKind.equals("ClusterRole") ? clusterRoles.get(roleName) : roles.get(namespace + "/" + roleName);
    }

    @Override
    public void close() throws Exception {
        for (var follower : followers) {
            follower.close();
        }
    }
}
