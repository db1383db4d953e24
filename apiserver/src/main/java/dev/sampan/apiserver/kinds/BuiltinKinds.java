package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.SubresourceHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rules of every built-in kind that has any. */
public final class BuiltinKinds {

    private final Map<GroupKind, KindRules> rules = new HashMap<>();

    /** @param addresses hands out the addresses and ports of Services */
    public BuiltinKinds(ServiceAddresses addresses) {
        core(addresses);
        workloads();
        rbac();
    }

    /** The rules of a kind; {@link KindRules#NONE} when it has none of its own. */
    public KindRules of(GroupKind kind) {
        return rules.getOrDefault(kind, KindRules.NONE);
    }

    /** All rules there are. */
    public Map<GroupKind, KindRules> rules() {
        return Map.copyOf(rules);
    }

    /** Subresources with a behaviour of their own. */
    public static List<SubresourceHandler> handlers() {
        return List.of(
                new PodBinding(new GroupResource("", "pods"), "binding"),
                new PodBinding(new GroupResource("", "bindings"), ""),
                new PodEviction());
    }

    private void core(ServiceAddresses addresses) {
        add("", "Namespace", new NamespaceRules());
        add("", "Pod", new PodRules());
        add("", "ReplicationController", new ReplicationControllerRules());
        add("", "Service", new ServiceRules(addresses));
    }

    private void workloads() {
        add("apps", "Deployment", new DeploymentRules());
        add("apps", "ReplicaSet", new ReplicaSetRules());
        add("apps", "StatefulSet", new StatefulSetRules());
        add("apps", "DaemonSet", new DaemonSetRules());
        add("batch", "Job", new JobRules());
        add("batch", "CronJob", new CronJobRules());
    }

    private void rbac() {
        add(RoleRules.GROUP, "ClusterRole", new RoleRules(false));
        add(RoleRules.GROUP, "Role", new RoleRules(true));
        add(RoleRules.GROUP, "ClusterRoleBinding", new RoleBindingRules(false));
        add(RoleRules.GROUP, "RoleBinding", new RoleBindingRules(true));
    }

    private void add(String group, String kind, KindRules rule) {
        rules.put(new GroupKind(group, kind), rule);
    }
}
