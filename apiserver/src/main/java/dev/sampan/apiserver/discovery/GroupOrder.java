package dev.sampan.apiserver.discovery;

import java.util.List;

/** The order in which groups are listed, which decides which of two resources with the same short name kubectl takes. */
final class GroupOrder {

    /** Kubernetes' priorities; every other group comes after these, by name. */
    private static final List<String> FIRST = List.of(
            "",
            "apiregistration.k8s.io",
            "apps",
            "events.k8s.io",
            "authentication.k8s.io",
            "authorization.k8s.io",
            "autoscaling",
            "batch",
            "certificates.k8s.io",
            "networking.k8s.io",
            "policy",
            "rbac.authorization.k8s.io",
            "storage.k8s.io",
            "admissionregistration.k8s.io",
            "apiextensions.k8s.io",
            "scheduling.k8s.io",
            "coordination.k8s.io",
            "node.k8s.io",
            "discovery.k8s.io",
            "resource.k8s.io",
            "flowcontrol.apiserver.k8s.io");

    private GroupOrder() {}

    static int compare(String a, String b) {
        int order = Integer.compare(rank(a), rank(b));
        return order == 0 ? a.compareTo(b) : order;
    }

    private static int rank(String group) {
        int index = FIRST.indexOf(group);
        if (index >= 0) {
            return index;
        }
        return group.equals("extensions") ? FIRST.size() + 1 : FIRST.size();
    }
}
