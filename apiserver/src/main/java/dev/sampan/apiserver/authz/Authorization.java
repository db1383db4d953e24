package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.UserInfo;
import java.util.List;

/**
 * The API server's authorization, wired: members of {@code system:masters} may do everything, then the node authorizer,
 * then RBAC. Start order: construct, {@link #bootstrap}, serve.
 */
public final class Authorization implements Authorizer, AutoCloseable {

    private final Objects objects;
    private final BootstrapPolicy policy = BootstrapPolicy.load();
    private final RbacState state;
    private final RbacAuthorizer rbac;
    private final NodeGraph graph;
    private final List<Authorizer> chain;
    private final RoleAggregation aggregation;

    /** @param objects the cluster's objects; roles, bindings and pods are followed until {@link #close} */
    public Authorization(Objects objects) {
        this.objects = objects;
        this.state = new RbacState(objects);
        this.rbac = new RbacAuthorizer(state);
        this.graph = new NodeGraph(objects);
        this.chain = List.of(Authorization::masters, new NodeAuthorizer(graph, policy.rulesOf("system:node")), rbac);
        this.aggregation = new RoleAggregation(objects);
    }

    /** Creates or completes the bootstrap roles and bindings; the namespaces kube-system and kube-public must exist. */
    public void bootstrap() throws InterruptedException {
        new BootstrapReconciler(objects).reconcile(policy);
    }

    @Override
    public Decision authorize(UserInfo user, Attributes attributes) {
        var reason = "";
        for (var authorizer : chain) {
            var decision = authorizer.authorize(user, attributes);
            if (decision.verdict() != Verdict.NO_OPINION) {
                return decision;
            }
            reason = decision.reason().isEmpty() ? reason : decision.reason();
        }
        return reason.isEmpty() ? Decision.NO_OPINION : new Decision(Verdict.NO_OPINION, reason);
    }

    /** Handlers of the access reviews; their subresource name is empty: they stand for the resource itself. */
    public List<SubresourceHandler> handlers() {
        return new AccessReviews(this, rbac).handlers();
    }

    /** Keeps users from granting what they do not hold, and nodes from touching what is not theirs. */
    public List<AdmissionPlugin> admission() {
        return List.of(new NodeRestriction(graph), new EscalationCheck(state, rbac, this));
    }

    private static Decision masters(UserInfo user, Attributes attributes) {
        return user.inGroup(UserInfo.MASTERS) ? Decision.ALLOW : Decision.NO_OPINION;
    }

    @Override
    public void close() throws Exception {
        aggregation.close();
        state.close();
        graph.close();
    }
}
