package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which node needs which Secret, ConfigMap, ServiceAccount, claim and volume because of the pods bound to it. Written by
 * two follower threads, read without locking.
 */
final class NodeGraph implements AutoCloseable {

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource VOLUMES = new GroupResource("", "persistentvolumes");

    /** Per node and referenced object: the pods (by namespace/name) that need it. */
    private final Map<String, Set<String>> podsByReference = new ConcurrentHashMap<>();

    private final Map<String, String> nodeOfPod = new ConcurrentHashMap<>();
    private final Map<String, String> claimOfVolume = new ConcurrentHashMap<>();
    private final AutoCloseable pods;
    private final AutoCloseable volumes;

    NodeGraph(Objects objects) {
        pods = objects.follow(PODS, this::podChanged);
        volumes = objects.follow(VOLUMES, this::volumeChanged);
    }

    /** @param resource such as {@code secrets} */
    boolean needs(String node, String resource, String namespace, String name) {
        return podsByReference.containsKey(reference(node, resource, namespace, name));
    }

    boolean needsVolume(String node, String volume) {
        var claim = claimOfVolume.get(volume);
        return claim != null && podsByReference.containsKey(node + "|persistentvolumeclaims|" + claim);
    }

    /** Whether a pod is bound to a node. */
    boolean runs(String node, String namespace, String pod) {
        return node.equals(nodeOfPod.get(namespace + "/" + pod));
    }

    private void podChanged(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        var now = after == null ? Set.<String>of() : references(after);
        if (before != null) {
            var id = Meta.namespace(before) + "/" + Meta.name(before);
            for (var reference : references(before)) {
                if (!now.contains(reference)) {
                    podsByReference.computeIfPresent(reference, (k, set) -> {
                        set.remove(id);
                        return set.isEmpty() ? null : set;
                    });
                }
            }
            if (after == null) {
                nodeOfPod.remove(id);
            }
        }
        if (after != null && !Meta.text(after, "spec", "nodeName").isEmpty()) {
            var id = Meta.namespace(after) + "/" + Meta.name(after);
            nodeOfPod.put(id, Meta.text(after, "spec", "nodeName"));
            now.forEach(r -> podsByReference
                    .computeIfAbsent(r, k -> ConcurrentHashMap.newKeySet())
                    .add(id));
        }
    }

    private void volumeChanged(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (after != null) {
            var claim = after.path("spec").path("claimRef");
            claimOfVolume.put(Meta.name(after), Meta.text(claim, "namespace") + "|" + Meta.text(claim, "name"));
        } else if (before != null) {
            claimOfVolume.remove(Meta.name(before));
        }
    }

    private static Set<String> references(ObjectNode pod) {
        var result = new HashSet<String>();
        var spec = pod.path("spec");
        var node = Meta.text(spec, "nodeName");
        if (node.isEmpty()) {
            return result;
        }
        var collector = new Collector(result, node, Meta.namespace(pod));
        collector.add("serviceaccounts", Meta.text(spec, "serviceAccountName"));
        spec.path("imagePullSecrets").forEach(s -> collector.add("secrets", Meta.text(s, "name")));
        for (var list : new String[] {"initContainers", "containers", "ephemeralContainers"}) {
            spec.path(list).forEach(collector::addContainer);
        }
        spec.path("volumes").forEach(v -> collector.addVolume(v, Meta.name(pod)));
        return result;
    }

    private record Collector(Set<String> result, String node, String namespace) {

        void add(String resource, String name) {
            if (!name.isEmpty()) {
                result.add(reference(node, resource, namespace, name));
            }
        }

        void addContainer(JsonNode container) {
            for (var from : container.path("envFrom")) {
                add("secrets", Meta.text(from, "secretRef", "name"));
                add("configmaps", Meta.text(from, "configMapRef", "name"));
            }
            for (var env : container.path("env")) {
                add("secrets", Meta.text(env, "valueFrom", "secretKeyRef", "name"));
                add("configmaps", Meta.text(env, "valueFrom", "configMapKeyRef", "name"));
            }
        }

        void addVolume(JsonNode volume, String pod) {
            add("secrets", Meta.text(volume, "secret", "secretName"));
            add("configmaps", Meta.text(volume, "configMap", "name"));
            add("persistentvolumeclaims", Meta.text(volume, "persistentVolumeClaim", "claimName"));
            if (volume.has("ephemeral")) {
                add("persistentvolumeclaims", pod + "-" + Meta.text(volume, "name"));
            }
            add("secrets", Meta.text(volume, "csi", "nodePublishSecretRef", "name"));
            for (var source : volume.path("projected").path("sources")) {
                add("secrets", Meta.text(source, "secret", "name"));
                add("configmaps", Meta.text(source, "configMap", "name"));
            }
        }
    }

    private static String reference(String node, String resource, String namespace, String name) {
        return node + "|" + resource + "|" + namespace + "|" + name;
    }

    @Override
    public void close() throws Exception {
        pods.close();
        volumes.close();
    }
}
