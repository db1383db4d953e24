package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps a ConfigMap {@code kube-root-ca.crt} with the cluster's CA in every namespace, which pods trust the API by. It
 * lives here because only the API server has the certificate at hand; Kubernetes' controller manager is given the file.
 */
public final class RootCaPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RootCaPublisher.class);
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final GroupResource CONFIG_MAPS = new GroupResource("", "configmaps");
    private static final String NAME = "kube-root-ca.crt";
    private static final String KEY = "ca.crt";

    private final Objects objects;
    private final String certificatePem;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("root-ca-publisher").factory());
    private final AutoCloseable namespaces;
    private final AutoCloseable configMaps;

    public RootCaPublisher(Objects objects, String certificatePem) {
        this.objects = objects;
        this.certificatePem = certificatePem;
        this.namespaces = objects.follow(NAMESPACES, this::namespaceChanged);
        this.configMaps = objects.follow(CONFIG_MAPS, this::configMapChanged);
    }

    private void namespaceChanged(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (before == null && after != null) {
            schedule(Meta.name(after));
        }
    }

    private void configMapChanged(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (before != null && Meta.name(before).equals(NAME) && (after == null || !isGood(after))) {
            schedule(Meta.namespace(before));
        }
    }

    private boolean isGood(ObjectNode configMap) {
        return Meta.text(configMap, "data", KEY).equals(certificatePem);
    }

    private void schedule(String namespace) {
        if (!worker.isShutdown()) {
            worker.execute(() -> publish(namespace));
        }
    }

    private void publish(String namespace) {
        var owner = objects.get(NAMESPACES, "", namespace);
        if (owner == null || Meta.isTerminating(owner)) {
            return;
        }
        try {
            var present = objects.get(CONFIG_MAPS, namespace, NAME);
            if (present == null) {
                objects.create(CONFIG_MAPS, configMap(namespace));
            } else if (!isGood(present)) {
                objects.modify(CONFIG_MAPS, namespace, NAME, latest -> {
                    latest.putObject("data").put(KEY, certificatePem);
                    return latest;
                });
            }
        } catch (ApiException e) {
            if (!e.isAlreadyExists() && !e.isNotFound()) {
                LOG.warn("The CA could not be published in namespace {}: {}", namespace, e.getMessage());
            }
        }
    }

    private ObjectNode configMap(String namespace) {
        var configMap = JsonNodeFactory.instance.objectNode();
        var metadata = configMap.putObject("metadata");
        metadata.put("name", NAME).put("namespace", namespace);
        metadata.putObject("annotations")
                .put(
                        "kubernetes.io/description",
                        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal"
                                + " endpoints such as the internal service IP or kubernetes.default.svc. No other usage"
                                + " is guaranteed across distributions of Kubernetes clusters.");
        configMap.putObject("data").put(KEY, certificatePem);
        return configMap;
    }

    @Override
    public void close() throws Exception {
        namespaces.close();
        configMaps.close();
        worker.shutdownNow();
    }
}
