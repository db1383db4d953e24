package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.kinds.Meta;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A node changes only its own Node, the status of its own pods, its own lease, and tokens for its own pods. */
final class NodeRestriction implements AdmissionPlugin {

    private static final Set<String> OWN_LABELS = Set.of(
            "kubernetes.io/hostname",
            "kubernetes.io/os",
            "kubernetes.io/arch",
            "beta.kubernetes.io/os",
            "beta.kubernetes.io/arch",
            "beta.kubernetes.io/instance-type",
            "node.kubernetes.io/instance-type",
            "failure-domain.beta.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region",
            "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region",
            "node.kubernetes.io/windows-build");

    private final NodeGraph graph;

    NodeRestriction(NodeGraph graph) {
        this.graph = graph;
    }

    @Override
    public void validate(AdmissionRequest request) {
        var node = NodeAuthorizer.nodeOf(request.context().user());
        if (node.isEmpty()) {
            return;
        }
        switch (request.resource().toString()) {
            case "nodes" -> node(request, node);
            case "pods" -> pod(request, node);
            case "serviceaccounts" -> token(request, node);
            case "leases.coordination.k8s.io" -> lease(request, node);
            case "csinodes.storage.k8s.io" ->
                ownName(request, node, "can only access CSINode with the same name as the requesting node");
            default -> {}
        }
    }

    private static void node(AdmissionRequest request, String node) {
        var object = request.object();
        var requested = request.name().isEmpty() && object != null ? Meta.name(object) : request.name();
        if (!requested.equals(node)) {
            throw request.forbidden("node \"%s\" is not allowed to modify node \"%s\"".formatted(node, requested));
        }
        if (object == null || !request.subresource().isEmpty()) {
            return;
        }
        var old = request.oldObject() == null ? JsonNodeFactory.instance.objectNode() : request.oldObject();
        if (request.operation() == Operation.UPDATE
                && !old.path("spec").path("taints").equals(object.path("spec").path("taints"))) {
            throw request.forbidden("node \"%s\" is not allowed to modify taints".formatted(node));
        }
        var forbidden = new TreeSet<String>();
        var before = Meta.labels(old);
        Meta.labels(object).forEach((key, value) -> {
            if (!Objects.equals(before.get(key), value) && isReserved(key)) {
                forbidden.add(key);
            }
        });
        if (!forbidden.isEmpty()) {
            throw request.forbidden("is not allowed to modify labels: " + String.join(", ", forbidden));
        }
    }

    /** Labels in Kubernetes' own namespaces, except those that a node sets about itself. */
    private static boolean isReserved(String label) {
        int slash = label.indexOf('/');
        if (slash < 0 || OWN_LABELS.contains(label)) {
            return false;
        }
        var domain = label.substring(0, slash);
        if (under(domain, "node-restriction.kubernetes.io")) {
            return true;
        }
        if (under(domain, "kubelet.kubernetes.io") || under(domain, "node.kubernetes.io")) {
            return false;
        }
        return under(domain, "kubernetes.io") || under(domain, "k8s.io");
    }

    private static boolean under(String domain, String parent) {
        return domain.equals(parent) || domain.endsWith("." + parent);
    }

    private void pod(AdmissionRequest request, String node) {
        var object = request.object();
        switch (request.subresource()) {
            case "" -> {
                if (request.operation() == Operation.CREATE && object != null) {
                    requireMirrorPod(request, object, node);
                } else if (request.operation() == Operation.DELETE) {
                    requireBound(request, node, "can only delete pods with spec.nodeName set to itself");
                }
            }
            case "status" ->
                requireBound(request, node, "can only update pod status for pods with spec.nodeName set to itself");
            case "eviction" -> requireBound(request, node, "can only evict pods with spec.nodeName set to itself");
            default -> throw request.forbidden("unexpected pod subresource \"%s\"".formatted(request.subresource()));
        }
    }

    private static void requireMirrorPod(AdmissionRequest request, ObjectNode pod, String node) {
        if (!Meta.annotations(pod).containsKey("kubernetes.io/config.mirror")) {
            throw request.forbidden(
                    "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"%s\" can only create mirror pods"
                            .formatted(node));
        }
        if (!Meta.text(pod, "spec", "nodeName").equals(node)) {
            throw request.forbidden(
                    "node \"%s\" can only create pods with spec.nodeName set to itself".formatted(node));
        }
    }

    private void requireBound(AdmissionRequest request, String node, String what) {
        var old = request.oldObject();
        var bound = old != null
                ? Meta.text(old, "spec", "nodeName").equals(node)
                : graph.runs(node, request.namespace(), request.name());
        if (!bound) {
            throw request.forbidden("node \"%s\" %s".formatted(node, what));
        }
    }

    private void token(AdmissionRequest request, String node) {
        var object = request.object();
        if (!request.subresource().equals("token") || object == null) {
            return;
        }
        var ref = object.path("spec").path("boundObjectRef");
        if (!Meta.text(ref, "kind").equals("Pod") || Meta.text(ref, "name").isEmpty()) {
            throw request.forbidden("node requested token not bound to a pod");
        }
        if (!graph.runs(node, request.namespace(), Meta.text(ref, "name"))) {
            throw request.forbidden("node requested token bound to a pod scheduled on a different node");
        }
    }

    private static void lease(AdmissionRequest request, String node) {
        if (request.namespace().equals("kube-node-lease")) {
            ownName(request, node, "can only access node lease with the same name as the requesting node");
        }
    }

    private static void ownName(AdmissionRequest request, String node, String otherwise) {
        var object = request.object();
        var name = request.name().isEmpty() && object != null ? Meta.name(object) : request.name();
        if (!name.equals(node)) {
            throw request.forbidden(otherwise);
        }
    }
}
