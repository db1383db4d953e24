package dev.sampan.controllers.serviceaccount;

import dev.sampan.client.Controller;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;

/** Creates, and creates again, the {@code default} ServiceAccount and the {@code kube-root-ca.crt} ConfigMap. */
public final class ServiceAccountController implements AutoCloseable {

    static final String DEFAULT = "default";
    static final String ROOT_CA = "kube-root-ca.crt";
    private static final String DESCRIPTION = "kubernetes.io/description";
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final String caCertificate;
    private final Informer<Namespace> namespaces;
    private final Informer<ServiceAccount> accounts;
    private final Informer<ConfigMap> configMaps;
    private final Controller<String> controller;

    /** @param caCertificate the cluster's CA certificates as PEM */
    public ServiceAccountController(
            KubernetesClient client, Informers informers, Timers timers, int workers, String caCertificate) {
        this.client = client;
        this.caCertificate = caCertificate;
        this.namespaces = informers.of(Namespace.class);
        this.accounts = informers.of(ServiceAccount.class);
        this.configMaps = informers.of(ConfigMap.class, Informers.Scope.fields("metadata.name=" + ROOT_CA));
        this.controller = new Controller<>("serviceaccount", timers, workers, this::reconcile);
        namespaces.onAnyChange(n -> controller.queue().add(n.getMetadata().getName()));
        accounts.onAnyChange(a -> enqueue(a, DEFAULT));
        configMaps.onAnyChange(c -> enqueue(c, ROOT_CA));
    }

    public Controller<String> controller() {
        return controller;
    }

    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void enqueue(HasMetadata object, String name) {
        if (name.equals(object.getMetadata().getName())) {
            controller.queue().add(object.getMetadata().getNamespace());
        }
    }

    private Result reconcile(String name) {
        var namespace = namespaces.get("", name);
        boolean active = namespace != null
                && namespace.getMetadata().getDeletionTimestamp() == null
                && (namespace.getStatus() == null
                        || !"Terminating".equals(namespace.getStatus().getPhase()));
        if (!active) {
            return Result.done();
        }
        if (accounts.get(name, DEFAULT) == null) {
            create(new ServiceAccountBuilder()
                    .withNewMetadata()
                    .withNamespace(name)
                    .withName(DEFAULT)
                    .endMetadata()
                    .build());
        }
        publishCa(name);
        return Result.done();
    }

    private void publishCa(String namespace) {
        var existing = configMaps.get(new ObjectKey(namespace, ROOT_CA));
        var data = Map.of("ca.crt", caCertificate);
        if (existing == null) {
            create(new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName(ROOT_CA)
                    .addToAnnotations(
                            DESCRIPTION,
                            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal"
                                    + " endpoints such as the internal service IP or kubernetes.default.svc. No other usage"
                                    + " is guaranteed across distributions of Kubernetes clusters.")
                    .endMetadata()
                    .withData(data)
                    .build());
        } else if (!data.equals(existing.getData())) {
            client.resource(new ConfigMapBuilder(existing).withData(data).build())
                    .update();
        }
    }

    private void create(HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT && !isLeaving(e)) { // it is there, or the namespace is going
                throw e;
            }
        }
    }

    private static boolean isLeaving(KubernetesClientException e) {
        return e.getCode() == 404 || dev.sampan.controllers.pods.PodControl.isNamespaceTerminating(e);
    }
}
