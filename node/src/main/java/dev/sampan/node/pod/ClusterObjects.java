package dev.sampan.node.pod;

import dev.sampan.client.Informer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Looks objects up in the API: services from an informer, the others when a pod needs them. */
public final class ClusterObjects implements ObjectLookup {

    private final KubernetesClient client;
    private final Informer<Service> services;

    public ClusterObjects(KubernetesClient client, Informer<Service> services) {
        this.client = client;
        this.services = services;
    }

    @Override
    public @Nullable ConfigMap configMap(String namespace, String name) {
        return client.configMaps().inNamespace(namespace).withName(name).get();
    }

    @Override
    public @Nullable Secret secret(String namespace, String name) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    @Override
    public @Nullable PersistentVolumeClaim claim(String namespace, String name) {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    @Override
    public @Nullable PersistentVolume volume(String name) {
        return client.persistentVolumes().withName(name).get();
    }

    @Override
    public List<Service> services(String namespace) {
        return services.list(namespace);
    }

    @Override
    public String token(
            String namespace, String serviceAccount, String pod, String podUid, List<String> audiences, long seconds) {
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(audiences)
                .withExpirationSeconds(seconds)
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod)
                .withUid(podUid)
                .endBoundObjectRef()
                .endSpec()
                .build();
        var answer = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(serviceAccount)
                .tokenRequest(request);
        return Objects.requireNonNull(answer.getStatus(), "TokenRequest without a status")
                .getToken();
    }
}
