package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How much of each quota resource one object uses. */
final class QuotaUsage {

    private static final Quantity ONE = Quantity.of(1);
    private static final String STORAGE_CLASS = ".storageclass.storage.k8s.io/";

    /** Resources that may be limited by their plain name; all others only as {@code count/RESOURCE.GROUP}. */
    private static final Set<String> COUNTED_BY_NAME = Set.of(
            "pods",
            "services",
            "persistentvolumeclaims",
            "configmaps",
            "secrets",
            "replicationcontrollers",
            "resourcequotas");

    private static final String COUNT = "count/";

    private QuotaUsage() {}

    /** The resource whose objects use up what a quota limits under this name. */
    static GroupResource counted(String name) {
        if (name.startsWith(COUNT)) {
            var resource = name.substring(COUNT.length());
            int dot = resource.indexOf('.');
            return dot < 0
                    ? new GroupResource("", resource)
                    : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot));
        }
        if (COUNTED_BY_NAME.contains(name)) {
            return new GroupResource("", name);
        }
        if (name.startsWith("services.")) {
            return new GroupResource("", "services");
        }
        boolean storage = name.equals("requests.storage") || name.contains(STORAGE_CLASS);
        return new GroupResource("", storage ? "persistentvolumeclaims" : "pods");
    }

    static Amounts of(GroupResource resource, ObjectNode object) {
        var usage = new TreeMap<String, Quantity>();
        usage.put("count/" + resource, ONE);
        if (!resource.group().isEmpty()) {
            return new Amounts(usage);
        }
        switch (resource.resource()) {
            case "pods" -> pod(usage, object);
            case "services" -> service(usage, object);
            case "persistentvolumeclaims" -> claim(usage, object);
            default -> {}
        }
        var ended = resource.resource().equals("pods") && hasEnded(object);
        if (COUNTED_BY_NAME.contains(resource.resource()) && !ended) {
            usage.put(resource.resource(), ONE);
        }
        return new Amounts(usage);
    }

    /** A pod that ran to its end holds its place in {@code count/pods} alone. */
    private static boolean hasEnded(ObjectNode pod) {
        return Set.of("Succeeded", "Failed").contains(Meta.text(pod, "status", "phase"));
    }

    private static void pod(Map<String, Quantity> usage, ObjectNode pod) {
        if (hasEnded(pod)) {
            return;
        }
        PodAmounts.of(pod, "requests").byName().forEach((name, quantity) -> {
            usage.put("requests." + name, quantity);
            if (Set.of("cpu", "memory", "ephemeral-storage").contains(name) || name.startsWith("hugepages-")) {
                usage.put(name, quantity);
            }
        });
        PodAmounts.of(pod, "limits").byName().forEach((name, quantity) -> usage.put("limits." + name, quantity));
    }

    private static void service(Map<String, Quantity> usage, ObjectNode service) {
        var type = Meta.text(service, "spec", "type");
        long ports = 0;
        for (var port : service.path("spec").path("ports")) {
            ports += port.path("nodePort").longValue(0) != 0 || type.equals("NodePort") ? 1 : 0;
        }
        if (type.equals("NodePort") || type.equals("LoadBalancer")) {
            usage.put("services.nodeports", Quantity.of(ports));
        }
        if (type.equals("LoadBalancer")) {
            usage.put("services.loadbalancers", ONE);
        }
    }

    private static void claim(Map<String, Quantity> usage, ObjectNode claim) {
        var storage = Amounts.of(claim.path("spec").path("resources").path("requests"))
                .get("storage");
        var storageClass = Meta.text(claim, "spec", "storageClassName");
        if (storage != null) {
            usage.put("requests.storage", storage);
        }
        if (!storageClass.isEmpty()) {
            usage.put(storageClass + STORAGE_CLASS + "persistentvolumeclaims", ONE);
            if (storage != null) {
                usage.put(storageClass + STORAGE_CLASS + "requests.storage", storage);
            }
        }
    }

    /** Whether a quota's scopes let it see an object. */
    static boolean inScope(ObjectNode quota, GroupResource resource, ObjectNode object) {
        var scopes = new ArrayList<JsonNode>();
        quota.path("spec").path("scopeSelector").path("matchExpressions").forEach(scopes::add);
        var names = quota.path("spec").path("scopes");
        if (scopes.isEmpty() && names.isEmpty()) {
            return true;
        }
        if (resource.equals(new GroupResource("", "persistentvolumeclaims"))) {
            return names.isEmpty() && scopes.stream().allMatch(s -> ofClaim(s, object));
        }
        if (!resource.equals(new GroupResource("", "pods"))) {
            return false;
        }
        for (var name : names) {
            if (!matches(name.stringValue(""), object)) {
                return false;
            }
        }
        return scopes.stream().allMatch(s -> matches(s, object));
    }

    private static boolean matches(JsonNode requirement, ObjectNode pod) {
        var scope = Meta.text(requirement, "scopeName");
        if (!scope.equals("PriorityClass")) {
            return matches(scope, pod);
        }
        return holds(requirement, Meta.text(pod, "spec", "priorityClassName"));
    }

    private static boolean ofClaim(JsonNode requirement, ObjectNode claim) {
        return Meta.text(requirement, "scopeName").equals("VolumeAttributesClass")
                && holds(requirement, Meta.text(claim, "spec", "volumeAttributesClassName"));
    }

    private static boolean holds(JsonNode requirement, String name) {
        var listed = false;
        for (var value : requirement.path("values")) {
            listed |= value.stringValue("").equals(name);
        }
        return switch (Meta.text(requirement, "operator")) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            case "Exists" -> !name.isEmpty();
            default -> name.isEmpty();
        };
    }

    private static boolean matches(String scope, ObjectNode pod) {
        var terminating = pod.path("spec").path("activeDeadlineSeconds").isNumber();
        return switch (scope) {
            case "Terminating" -> terminating;
            case "NotTerminating" -> !terminating;
            case "BestEffort" -> isBestEffort(pod);
            case "NotBestEffort" -> !isBestEffort(pod);
            case "CrossNamespacePodAffinity" -> reachesOtherNamespaces(pod);
            case "PriorityClass" -> !Meta.text(pod, "spec", "priorityClassName").isEmpty();
            default -> false;
        };
    }

    private static boolean reachesOtherNamespaces(ObjectNode pod) {
        for (var kind : List.of("podAffinity", "podAntiAffinity")) {
            var affinity = pod.path("spec").path("affinity").path(kind);
            for (var term : affinity.path("requiredDuringSchedulingIgnoredDuringExecution")) {
                if (namesNamespaces(term)) {
                    return true;
                }
            }
            for (var weighted : affinity.path("preferredDuringSchedulingIgnoredDuringExecution")) {
                if (namesNamespaces(weighted.path("podAffinityTerm"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean namesNamespaces(JsonNode term) {
        return !term.path("namespaces").isEmpty()
                || term.path("namespaceSelector").isObject();
    }

    private static boolean isBestEffort(ObjectNode pod) {
        var compute = List.of("cpu", "memory");
        return PodAmounts.of(pod, "requests").only(compute).isEmpty()
                && PodAmounts.of(pod, "limits").only(compute).isEmpty();
    }

    /** For each compute resource that a quota limits, the containers of a pod that say nothing about it. */
    static Map<String, List<String>> unspecified(Amounts hard, ObjectNode pod) {
        var result = new TreeMap<String, List<String>>();
        if (pod.path("spec").has("resources")) {
            return result; // requests of the pod as a whole
        }
        var containers = new ArrayList<JsonNode>();
        pod.path("spec").path("containers").forEach(containers::add);
        pod.path("spec").path("initContainers").forEach(containers::add);
        for (var name : hard.byName().keySet()) {
            var list = name.startsWith("limits.") ? "limits" : "requests";
            var resource = name.replaceFirst("^(limits|requests)\\.", "");
            if (!Set.of("cpu", "memory").contains(resource)) {
                continue;
            }
            for (var container : containers) {
                if (!container.path("resources").path(list).has(resource)) {
                    result.computeIfAbsent(name, n -> new ArrayList<>()).add(Meta.text(container, "name"));
                }
            }
        }
        return result;
    }
}
