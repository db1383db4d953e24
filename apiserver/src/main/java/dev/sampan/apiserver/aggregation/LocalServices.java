package dev.sampan.apiserver.aggregation;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps an APIService for every group version that this server answers itself, as Kubernetes' autoregistration does. Runs on
 * the aggregator's worker.
 */
final class LocalServices {

    private static final Logger LOG = LoggerFactory.getLogger(LocalServices.class);
    private static final String MANAGED = "kube-aggregator.kubernetes.io/automanaged";

    /** Time for a definition's versions to be served, or not any more. */
    private static final int DELAY_MILLIS = 200;

    /** Kubernetes' groups in the order of their priority, which falls by 100 from 17,900. */
    private static final List<String> GROUPS = List.of(
            "extensions",
            "apps",
            "events.k8s.io",
            "authentication.k8s.io",
            "authorization.k8s.io",
            "autoscaling",
            "batch",
            "certificates.k8s.io",
            "networking.k8s.io",
            "policy",
            "rbac.authorization.k8s.io",
            "storage.k8s.io",
            "apiextensions.k8s.io",
            "admissionregistration.k8s.io",
            "scheduling.k8s.io",
            "coordination.k8s.io",
            "node.k8s.io",
            "discovery.k8s.io",
            "resource.k8s.io",
            "flowcontrol.apiserver.k8s.io",
            "metrics.k8s.io");

    private static final Map<String, Integer> VERSIONS = Map.of("v2", 30, "v1", 15, "v1beta1", 9, "v1alpha1", 1);

    private final Objects objects;
    private final ScheduledExecutorService worker;
    private final AtomicBoolean waiting = new AtomicBoolean();

    LocalServices(Objects objects, ScheduledExecutorService worker) {
        this.objects = objects;
        this.worker = worker;
    }

    void schedule() {
        if (!worker.isShutdown() && waiting.compareAndSet(false, true)) {
            var unused = worker.schedule(this::run, DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void run() {
        waiting.set(false);
        try {
            reconcile();
        } catch (ApiException e) {
            LOG.warn("The local APIServices could not be written: {}", e.getMessage());
        }
    }

    private void reconcile() {
        var served = objects.apiVersions();
        for (var apiVersion : served) {
            var wanted = of(apiVersion);
            if (objects.get(Aggregator.API_SERVICES, "", Meta.name(wanted)) == null) {
                create(wanted);
            }
        }
        for (var present : objects.list(Aggregator.API_SERVICES, "")) {
            var spec = present.path("spec");
            var group = Meta.text(spec, "group");
            var apiVersion = group.isEmpty() ? Meta.text(spec, "version") : group + "/" + Meta.text(spec, "version");
            boolean ours = Meta.labels(present).containsKey(MANAGED);
            if (ours && !spec.path("service").isObject() && !served.contains(apiVersion)) {
                objects.delete(Aggregator.API_SERVICES, "", Meta.name(present));
            }
        }
    }

    private void create(ObjectNode wanted) {
        try {
            objects.create(Aggregator.API_SERVICES, wanted);
        } catch (ApiException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
    }

    private static ObjectNode of(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        var group = slash < 0 ? "" : apiVersion.substring(0, slash);
        var version = apiVersion.substring(slash + 1);
        boolean builtin = group.isEmpty() || GROUPS.contains(group);
        var service = JsonNodeFactory.instance.objectNode();
        var metadata = service.putObject("metadata").put("name", version + "." + group);
        metadata.putObject("labels").put(MANAGED, builtin ? "onstart" : "true");
        int priority = group.isEmpty() ? 18_000 : builtin ? 17_900 - 100 * GROUPS.indexOf(group) : 1000;
        service.putObject("spec")
                .put("group", group)
                .put("version", version)
                .put("groupPriorityMinimum", priority)
                .put("versionPriority", group.isEmpty() ? 1 : builtin ? VERSIONS.getOrDefault(version, 1) : 100);
        return service;
    }
}
