package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.UserInfo;
import java.util.List;
import java.util.Set;

/**
 * What a node may do: read what its pods need, and no more. Users {@code system:node:NAME} in the group {@code
 * system:nodes} are nodes; everybody else is left to the next authorizer.
 */
final class NodeAuthorizer implements Authorizer {

    private static final String USER_PREFIX = "system:node:";
    private static final String GROUP = "system:nodes";
    private static final Set<String> READ = Set.of("get", "list", "watch");
    private static final String LEASE_NAMESPACE = "kube-node-lease";

    private final NodeGraph graph;
    private final List<Rule> rules;

    /** @param rules the rules of the role {@code system:node}, which hold for all that is not decided object by object */
    NodeAuthorizer(NodeGraph graph, List<Rule> rules) {
        this.graph = graph;
        this.rules = rules;
    }

    /** The node that a user is; empty when the user is none. */
    static String nodeOf(UserInfo user) {
        return user.name().startsWith(USER_PREFIX) && user.inGroup(GROUP)
                ? user.name().substring(USER_PREFIX.length())
                : "";
    }

    @Override
    public Decision authorize(UserInfo user, Attributes a) {
        var node = nodeOf(user);
        if (node.isEmpty()) {
            return Decision.NO_OPINION;
        }
        return switch (a.group() + "/" + a.resource()) {
            case "/secrets", "/configmaps" -> readOfNeeded(node, a);
            case "/persistentvolumeclaims" ->
                a.subresource().equals("status") ? statusOfNeeded(node, a) : readOfNeeded(node, a);
            case "/persistentvolumes" -> volume(node, a);
            case "/serviceaccounts" -> serviceAccount(node, a);
            case "coordination.k8s.io/leases" -> a.namespace().equals(LEASE_NAMESPACE) ? own(node, a) : general(a);
            case "storage.k8s.io/csinodes" -> own(node, a);
            default -> general(a);
        };
    }

    private Decision general(Attributes a) {
        return rules.stream().anyMatch(r -> r.allows(a)) ? Decision.ALLOW : Decision.NO_OPINION;
    }

    private Decision readOfNeeded(String node, Attributes a) {
        if (!READ.contains(a.verb()) || !a.subresource().isEmpty()) {
            return no("can only read resources of this type");
        }
        return needed(node, a);
    }

    private Decision statusOfNeeded(String node, Attributes a) {
        return switch (a.verb()) {
            case "get", "update", "patch" -> needed(node, a);
            default -> no("can only get/update/patch this type");
        };
    }

    private Decision needed(String node, Attributes a) {
        if (a.name().isEmpty()) {
            return no("No Object name found");
        }
        return graph.needs(node, a.resource(), a.namespace(), a.name()) ? Decision.ALLOW : unrelated(node);
    }

    private Decision volume(String node, Attributes a) {
        if (!a.verb().equals("get") || !a.subresource().isEmpty()) {
            return no("can only get individual resources of this type");
        }
        return graph.needsVolume(node, a.name()) ? Decision.ALLOW : unrelated(node);
    }

    private Decision serviceAccount(String node, Attributes a) {
        if (a.subresource().equals("token") && a.verb().equals("create")) {
            return needed(node, a);
        }
        return a.subresource().isEmpty() && a.verb().equals("get")
                ? needed(node, a)
                : no("can only create tokens for individual service accounts");
    }

    private Decision own(String node, Attributes a) {
        return switch (a.verb()) {
            case "get", "update", "patch", "delete" ->
                a.name().equals(node)
                        ? Decision.ALLOW
                        : no("can only access an object with the same name as the requesting node");
            // The name is in the body, where admission (NodeRestriction) sees it.
            case "create" -> Decision.ALLOW;
            default -> no("can only get, create, update, patch, or delete an object of this type");
        };
    }

    private static Decision unrelated(String node) {
        return no("no relationship found between node '" + node + "' and this object");
    }

    private static Decision no(String reason) {
        return new Decision(Verdict.NO_OPINION, reason);
    }
}
