package dev.sampan.scheduler.testing;

import dev.sampan.scheduler.snapshot.ClusterCache;
import dev.sampan.scheduler.snapshot.NodeInfo;
import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Objects from short texts. */
public final class Fixtures {

    private Fixtures() {}

    public static <T> T yaml(String text, Class<T> type) {
        // A text that begins with a brace would be taken for JSON.
        return Serialization.unmarshal("---\n" + text, type);
    }

    /** A node of 4 cores, 8 GiB, 110 pods; {@code name} may be followed by labels: {@code "n1 zone=a disk=ssd"}. */
    public static Node node(String nameAndLabels) {
        return node(nameAndLabels, "{}");
    }

    /** @param spec YAML of the node's spec */
    public static Node node(String nameAndLabels, String spec) {
        return node(nameAndLabels, spec, "{cpu: '4', memory: 8Gi, pods: '110', ephemeral-storage: 100Gi}");
    }

    /** @param allocatable YAML of its allocatable resources */
    public static Node node(String nameAndLabels, String spec, String allocatable) {
        Node node = new Node();
        node.setMetadata(yaml("name: " + name(nameAndLabels), ObjectMeta.class));
        node.getMetadata().setLabels(labels(nameAndLabels));
        node.getMetadata().getLabels().put("kubernetes.io/hostname", name(nameAndLabels));
        node.setSpec(yaml(spec, NodeSpec.class));
        node.setStatus(yaml("allocatable: " + allocatable, NodeStatus.class));
        return node;
    }

    /** @param spec YAML of the pod's spec without containers, or with them */
    public static Pod pod(String nameAndLabels, String spec) {
        String containers = spec.contains("containers:") ? "" : "\ncontainers: [{name: main, image: none}]";
        Pod pod = new Pod();
        pod.setMetadata(yaml(
                "{name: %1$s, namespace: default, uid: uid-%1$s}".formatted(name(nameAndLabels)), ObjectMeta.class));
        pod.getMetadata().setLabels(labels(nameAndLabels));
        pod.setSpec(
                yaml((spec.isBlank() ? "" : spec) + containers + "\nschedulerName: default-scheduler", PodSpec.class));
        pod.setStatus(new PodStatus());
        pod.getStatus().setPhase("Pending");
        return pod;
    }

    /** A pod with one container that requests so much. */
    public static Pod requesting(String nameAndLabels, String requests) {
        return pod(
                nameAndLabels,
                "containers: [{name: main, image: none, resources: {requests: %s}}]".formatted(requests));
    }

    public static Pod on(String node, Pod pod) {
        pod.getSpec().setNodeName(node);
        return pod;
    }

    public static Pod withPriority(int priority, Pod pod) {
        pod.getSpec().setPriority(priority);
        return pod;
    }

    public static PodInfo info(Pod pod) {
        return PodInfo.of(pod);
    }

    /** A snapshot of the given objects; pods must be on nodes. */
    public static Snapshot snapshot(HasMetadata... objects) {
        return cache(objects).snapshot();
    }

    public static ClusterCache cache(HasMetadata... objects) {
        ClusterCache cache = new ClusterCache();
        for (HasMetadata object : objects) {
            switch (object) {
                case Node node -> cache.putNode(node);
                case Pod pod -> cache.putPod(cache.podInfo(pod));
                case Namespace namespace -> cache.putNamespace(namespace);
                case PersistentVolumeClaim claim -> cache.putClaim(claim);
                case PersistentVolume volume -> cache.putVolume(volume);
                case StorageClass storageClass -> cache.putStorageClass(storageClass);
                case PodDisruptionBudget budget -> cache.putBudget(budget);
                default -> throw new IllegalArgumentException(object.getKind());
            }
        }
        return cache;
    }

    public static NodeInfo nodeInfo(Snapshot snapshot, String name) {
        return Objects.requireNonNull(snapshot.node(name));
    }

    private static String name(String nameAndLabels) {
        return nameAndLabels.split(" ", 2)[0];
    }

    private static Map<String, String> labels(String nameAndLabels) {
        Map<String, String> labels = new HashMap<>();
        String[] parts = nameAndLabels.split(" ");
        for (int i = 1; i < parts.length; i++) {
            labels.put(parts[i].split("=")[0], parts[i].split("=")[1]);
        }
        return labels;
    }
}
