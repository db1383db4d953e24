package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.LabelSelector;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps the rules of aggregated cluster roles equal to the union of the roles that their selectors match, as Kubernetes'
 * clusterrole-aggregation controller does. It lives here because authorization has to be whole before controllers start.
 */
final class RoleAggregation implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RoleAggregation.class);

    private final Objects objects;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("role-aggregation").factory());
    private final AtomicBoolean pending = new AtomicBoolean();
    private final AutoCloseable follower;

    RoleAggregation(Objects objects) {
        this.objects = objects;
        this.follower = objects.follow(RbacState.CLUSTER_ROLES, (before, after) -> schedule());
    }

    private void schedule() {
        if (pending.compareAndSet(false, true) && !worker.isShutdown()) {
            worker.execute(this::run);
        }
    }

    private void run() {
        pending.set(false);
        try {
            aggregate();
        } catch (ApiException e) {
            LOG.warn("Cluster roles could not be aggregated: {}", e.getMessage());
        }
    }

    /** One pass; roles that aggregate aggregated roles settle in the passes that follow their change. */
    private void aggregate() {
        var roles = objects.list(RbacState.CLUSTER_ROLES, "");
        for (var role : roles) {
            if (role.path("aggregationRule").path("clusterRoleSelectors").isEmpty()) {
                continue;
            }
            var wanted = union(role, roles);
            if (!wanted.equals(Rule.listOf(role.path("rules")))) {
                objects.modify(RbacState.CLUSTER_ROLES, "", Meta.name(role), latest -> withRules(latest, wanted));
            }
        }
    }

    private static List<Rule> union(ObjectNode role, List<ObjectNode> roles) {
        var selectors = new ArrayList<LabelSelector>();
        role.path("aggregationRule").path("clusterRoleSelectors").forEach(s -> selectors.add(LabelSelector.of(s)));
        var rules = new LinkedHashSet<Rule>();
        for (var other : roles) {
            var labels = Meta.labels(other);
            if (!Meta.name(other).equals(Meta.name(role)) && selectors.stream().anyMatch(s -> s.matches(labels))) {
                rules.addAll(Rule.listOf(other.path("rules")));
            }
        }
        return List.copyOf(rules);
    }

    private static ObjectNode withRules(ObjectNode role, List<Rule> rules) {
        var array = role.putArray("rules");
        rules.forEach(r -> r.writeTo(array.addObject()));
        return role;
    }

    @Override
    public void close() throws Exception {
        follower.close();
        worker.shutdownNow();
    }
}
