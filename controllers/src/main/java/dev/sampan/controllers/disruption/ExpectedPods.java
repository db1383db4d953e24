package dev.sampan.controllers.disruption;

import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many pods the controllers of some pods want together. */
final class ExpectedPods {

    private final KubernetesClient client;
    private final Informer<Deployment> deployments;
    private final Informer<ReplicaSet> replicaSets;

    ExpectedPods(KubernetesClient client, Informers informers) {
        this.client = client;
        this.deployments = informers.of(Deployment.class);
        this.replicaSets = informers.of(ReplicaSet.class);
    }

    /** It cannot be told; the message says why. */
    static final class Unknown extends Exception {
        private static final long serialVersionUID = 1L;

        Unknown(String message) {
            super(message);
        }
    }

    int count(String namespace, List<Pod> pods) throws Unknown {
        var scales = new HashMap<String, Integer>();
        for (var pod : pods) {
            var controller = Owners.controllerOf(pod);
            if (controller == null) {
                continue; // as Kubernetes does it: a pod of nobody's counts for nothing
            }
            var top = top(namespace, controller);
            if (!scales.containsKey(top.getUid())) {
                scales.put(top.getUid(), replicas(namespace, top));
            }
        }
        return scales.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** The Deployment of a ReplicaSet, else the controller itself. */
    private OwnerReference top(String namespace, OwnerReference controller) {
        var replicaSet =
                controller.getKind().equals("ReplicaSet") ? replicaSets.get(namespace, controller.getName()) : null;
        var above = replicaSet == null ? null : Owners.controllerOf(replicaSet);
        return above == null ? controller : above;
    }

    private int replicas(String namespace, OwnerReference owner) throws Unknown {
        return switch (owner.getKind()) {
            case "Deployment" -> {
                var deployment = same(deployments.get(namespace, owner.getName()), owner);
                yield deployment == null ? 0 : deployment.getSpec().getReplicas();
            }
            case "ReplicaSet" -> {
                var replicaSet = same(replicaSets.get(namespace, owner.getName()), owner);
                yield replicaSet == null ? 0 : replicaSet.getSpec().getReplicas();
            }
            default -> scale(namespace, owner);
        };
    }

    private static <T extends HasMetadata> @Nullable T same(@Nullable T object, OwnerReference reference) {
        return object != null && object.getMetadata().getUid().equals(reference.getUid()) ? object : null;
    }

    private int scale(String namespace, OwnerReference owner) throws Unknown {
        try {
            var scale = client.genericKubernetesResources(owner.getApiVersion(), owner.getKind())
                    .inNamespace(namespace)
                    .withName(owner.getName())
                    .scale();
            if (scale == null || scale.getSpec() == null) {
                throw new Unknown(
                        owner.getKind() + "." + owner.getApiVersion() + " does not implement the scale subresource");
            }
            return scale.getSpec().getReplicas() == null ? 0 : scale.getSpec().getReplicas();
        } catch (KubernetesClientException e) {
            throw new Unknown(owner.getKind() + "." + owner.getApiVersion()
                    + " does not implement the scale subresource: " + e.getMessage());
        }
    }
}
