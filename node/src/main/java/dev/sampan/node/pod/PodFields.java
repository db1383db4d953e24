package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The downward API: a pod's own fields as text. */
final class PodFields {

    private final Pod pod;
    private final String podIp;
    private final String hostIp;
    private final Map<String, Quantity> allocatable;

    PodFields(Pod pod, String podIp, String hostIp, Map<String, Quantity> allocatable) {
        this.pod = pod;
        this.podIp = podIp;
        this.hostIp = hostIp;
        this.allocatable = allocatable;
    }

    String field(String path) throws ConfigException {
        var metadata = pod.getMetadata();
        if (path.startsWith("metadata.labels['")) {
            return entry(metadata.getLabels(), path);
        }
        if (path.startsWith("metadata.annotations['")) {
            return entry(metadata.getAnnotations(), path);
        }
        return switch (path) {
            case "metadata.name" -> metadata.getName();
            case "metadata.namespace" -> metadata.getNamespace();
            case "metadata.uid" -> metadata.getUid();
            case "metadata.labels" -> lines(metadata.getLabels());
            case "metadata.annotations" -> lines(metadata.getAnnotations());
            case "spec.nodeName" -> pod.getSpec().getNodeName();
            case "spec.serviceAccountName" ->
                Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "");
            case "status.podIP", "status.podIPs" -> podIp;
            case "status.hostIP", "status.hostIPs" -> hostIp;
            default -> throw new ConfigException("fieldRef: unsupported field path \"" + path + "\"");
        };
    }

    private static String entry(Map<String, String> map, String path) {
        var key = path.substring(path.indexOf('\'') + 1, path.lastIndexOf('\''));
        return map == null ? "" : map.getOrDefault(key, "");
    }

    private static String lines(Map<String, String> map) {
        return map == null
                ? ""
                : new TreeMap<>(map)
                        .entrySet().stream()
                                .map(e -> e.getKey() + "=\""
                                        + e.getValue().replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                                .collect(Collectors.joining("\n"));
    }

    /** A request or limit divided by the divisor, rounded up; a missing limit is the node's allocatable amount. */
    String resource(Container container, ResourceFieldSelector selector) throws ConfigException {
        var path = selector.getResource().split("\\.", 2);
        if (path.length != 2 || !(path[0].equals("limits") || path[0].equals("requests"))) {
            throw new ConfigException("resourceFieldRef: unsupported resource \"" + selector.getResource() + "\"");
        }
        var resources = container.getResources();
        var amounts =
                resources == null ? null : path[0].equals("limits") ? resources.getLimits() : resources.getRequests();
        var amount = amounts == null ? null : amounts.get(path[1]);
        if (amount == null && path[0].equals("limits")) {
            amount = allocatable.get(path[1]);
        }
        var divisor = selector.getDivisor() == null
                        || Quantity.getAmountInBytes(selector.getDivisor()).signum() == 0
                ? BigDecimal.ONE
                : Quantity.getAmountInBytes(selector.getDivisor());
        var value = amount == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(amount);
        return value.divide(divisor, 0, RoundingMode.CEILING).toPlainString();
    }
}
