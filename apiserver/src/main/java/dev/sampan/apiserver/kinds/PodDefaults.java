package dev.sampan.apiserver.kinds;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Defaults of pods and pod templates. */
final class PodDefaults {

    /** rw-r--r--, as JSON has it. */
    private static final int FILE_MODE = 0644;

    private PodDefaults() {}

    /** A pod: all that a template gets, requests from limits, and service links. */
    static void pod(ObjectNode pod) {
        var spec = Defaults.object(pod, "spec");
        for (var list : new String[] {"initContainers", "containers"}) {
            spec.path(list).forEach(PodDefaults::requestsFromLimits);
        }
        requestsFromLimits(spec);
        Defaults.flag(spec, "enableServiceLinks", true);
        spec(spec);
    }

    /** A template's {@code spec}; {@code template} lacks one only in objects that validation refuses. */
    static void template(JsonNode template) {
        if (template instanceof ObjectNode t) {
            Defaults.object(t, "metadata");
            spec(Defaults.object(t, "spec"));
        }
    }

    private static void spec(ObjectNode spec) {
        Defaults.text(spec, "restartPolicy", "Always");
        Defaults.number(spec, "terminationGracePeriodSeconds", 30);
        Defaults.text(spec, "dnsPolicy", "ClusterFirst");
        Defaults.object(spec, "securityContext");
        Defaults.text(spec, "schedulerName", "default-scheduler");
        serviceAccount(spec);
        for (var list : new String[] {"initContainers", "containers", "ephemeralContainers"}) {
            for (var c : spec.path(list)) {
                if (c instanceof ObjectNode container) {
                    container(container, spec.path("hostNetwork").booleanValue(false));
                }
            }
        }
        for (var v : spec.path("volumes")) {
            if (v instanceof ObjectNode volume) {
                volume(volume);
            }
        }
        for (var c : spec.path("topologySpreadConstraints")) {
            if (c instanceof ObjectNode constraint) {
                Defaults.text(constraint, "nodeAffinityPolicy", "Honor");
                Defaults.text(constraint, "nodeTaintsPolicy", "Ignore");
            }
        }
    }

    /** The old name of the field goes along with the new one. */
    private static void serviceAccount(ObjectNode spec) {
        var name = spec.path("serviceAccountName")
                .stringValue(spec.path("serviceAccount").stringValue(""));
        if (!name.isEmpty()) {
            spec.put("serviceAccountName", name).put("serviceAccount", name);
        }
    }

    private static void container(ObjectNode container, boolean hostNetwork) {
        Defaults.object(container, "resources");
        Defaults.text(container, "terminationMessagePath", "/dev/termination-log");
        Defaults.text(container, "terminationMessagePolicy", "File");
        Defaults.text(
                container, "imagePullPolicy", pullPolicy(container.path("image").stringValue("")));
        for (var p : container.path("ports")) {
            if (p instanceof ObjectNode port) {
                Defaults.text(port, "protocol", "TCP");
                if (hostNetwork) {
                    Defaults.numberUnlessZero(
                            port, "hostPort", port.path("containerPort").longValue(0));
                }
            }
        }
        for (var e : container.path("env")) {
            fieldRef(e.path("valueFrom"));
        }
        for (var probe : new String[] {"livenessProbe", "readinessProbe", "startupProbe"}) {
            if (container.path(probe) instanceof ObjectNode p) {
                probe(p);
            }
        }
        for (var hook : new String[] {"postStart", "preStop"}) {
            handler(container.path("lifecycle").path(hook));
        }
    }

    /** Always for {@code :latest} and for no tag at all, else IfNotPresent. */
    static String pullPolicy(String image) {
        if (image.contains("@")) {
            return "IfNotPresent";
        }
        var lastPart = image.substring(image.lastIndexOf('/') + 1);
        int colon = lastPart.lastIndexOf(':');
        return colon < 0 || lastPart.substring(colon + 1).equals("latest") ? "Always" : "IfNotPresent";
    }

    private static void probe(ObjectNode probe) {
        Defaults.numberUnlessZero(probe, "timeoutSeconds", 1);
        Defaults.numberUnlessZero(probe, "periodSeconds", 10);
        Defaults.numberUnlessZero(probe, "successThreshold", 1);
        Defaults.numberUnlessZero(probe, "failureThreshold", 3);
        handler(probe);
        if (probe.path("grpc") instanceof ObjectNode grpc && Defaults.absent(grpc, "service")) {
            grpc.put("service", "");
        }
    }

    private static void handler(JsonNode handler) {
        if (handler.path("httpGet") instanceof ObjectNode get) {
            Defaults.text(get, "path", "/");
            Defaults.text(get, "scheme", "HTTP");
        }
    }

    private static void requestsFromLimits(JsonNode container) {
        if (!(container.path("resources") instanceof ObjectNode resources)
                || !(resources.path("limits") instanceof ObjectNode limits)) {
            return;
        }
        var requests = Defaults.object(resources, "requests");
        limits.properties().forEach(e -> requests.putIfAbsent(e.getKey(), e.getValue()));
    }

    private static void volume(ObjectNode volume) {
        if (volume.size() == 1 && volume.has("name")) {
            volume.putObject("emptyDir");
        }
        for (var kind : new String[] {"secret", "configMap", "downwardAPI", "projected"}) {
            if (volume.path(kind) instanceof ObjectNode source) {
                Defaults.number(source, "defaultMode", FILE_MODE);
            }
        }
        volume.path("downwardAPI").path("items").forEach(PodDefaults::fieldRef);
        for (var source : volume.path("projected").path("sources")) {
            source.path("downwardAPI").path("items").forEach(PodDefaults::fieldRef);
            if (source.path("serviceAccountToken") instanceof ObjectNode token) {
                Defaults.numberUnlessZero(token, "expirationSeconds", 3600);
            }
        }
        if (volume.path("hostPath") instanceof ObjectNode path && Defaults.absent(path, "type")) {
            path.put("type", "");
        }
        if (volume.path("ephemeral").path("volumeClaimTemplate") instanceof ObjectNode claim) {
            claimSpec(Defaults.object(claim, "spec"));
        }
        remoteVolume(volume);
    }

    /** Network disks; nobody mounts them here, and clients expect their defaults all the same. */
    private static void remoteVolume(ObjectNode volume) {
        if (volume.path("iscsi") instanceof ObjectNode iscsi) {
            Defaults.text(iscsi, "iscsiInterface", "default");
        }
        if (volume.path("rbd") instanceof ObjectNode rbd) {
            Defaults.text(rbd, "pool", "rbd");
            Defaults.text(rbd, "user", "admin");
            Defaults.text(rbd, "keyring", "/etc/ceph/keyring");
        }
        if (volume.path("azureDisk") instanceof ObjectNode disk) {
            Defaults.text(disk, "cachingMode", "ReadWrite");
            Defaults.text(disk, "kind", "Shared");
            Defaults.text(disk, "fsType", "ext4");
            Defaults.flag(disk, "readOnly", false);
        }
    }

    /** {@code spec} of a PersistentVolumeClaim. */
    static void claimSpec(ObjectNode spec) {
        Defaults.object(spec, "resources");
        Defaults.text(spec, "volumeMode", "Filesystem");
    }

    private static void fieldRef(JsonNode holder) {
        if (holder.path("fieldRef") instanceof ObjectNode ref) {
            Defaults.text(ref, "apiVersion", "v1");
        }
    }
}
