package dev.sampan.controllers.namespace;

import dev.sampan.client.Controller;
import dev.sampan.client.Informer;
import dev.sampan.client.Informers;
import dev.sampan.client.Result;
import dev.sampan.client.Timers;
import dev.sampan.controllers.discovery.Discovery;
import dev.sampan.controllers.discovery.ResourceKind;
import dev.sampan.controllers.discovery.Rest;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Deletes everything in a terminating namespace, pods first, and removes the {@code kubernetes} finalizer when nothing is
 * left.
 */
public final class NamespaceController implements AutoCloseable {

    private static final String FINALIZER = "kubernetes";
    private static final Duration RECHECK = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final Timers timers;
    private final Rest rest;
    private final Discovery discovery;
    private final Informer<Namespace> namespaces;
    private final Controller<String> controller;

    public NamespaceController(KubernetesClient client, Informers informers, Timers timers, int workers) {
        this.client = client;
        this.timers = timers;
        this.rest = new Rest(client);
        this.discovery = new Discovery(rest);
        this.namespaces = informers.of(Namespace.class);
        this.controller = new Controller<>("namespace", timers, workers, this::reconcile);
        namespaces.onAnyChange(n -> {
            if (n.getMetadata().getDeletionTimestamp() != null) {
                controller.queue().add(n.getMetadata().getName());
            }
        });
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

    private Result reconcile(String name) {
        var namespace = namespaces.get("", name);
        if (namespace == null || namespace.getMetadata().getDeletionTimestamp() == null) {
            return Result.done();
        }
        if (namespace.getSpec() == null || !namespace.getSpec().getFinalizers().contains(FINALIZER)) {
            return Result.done();
        }
        var progress = deleteContent(name);
        var current = updateStatus(namespace, progress);
        if (!progress.isEmpty()) {
            return progress.deletionFailures().isEmpty()
                    ? Result.again(RECHECK)
                    : Result.retry(String.join(", ", progress.deletionFailures()));
        }
        finalizeNamespace(current);
        return Result.done();
    }

    private NamespaceConditions.Progress deleteContent(String namespace) {
        var found = discovery.preferred();
        var deletable = found.kinds().stream()
                .filter(k -> k.namespaced()
                        && k.verbs().contains("delete")
                        && k.verbs().contains("list"))
                .toList();
        var pods = deletable.stream().filter(NamespaceController::isPods).toList();
        var first = delete(namespace, pods, List.of());
        if (!first.isEmpty()) {
            return first;
        }
        var others = deletable.stream().filter(k -> !isPods(k)).toList();
        return delete(namespace, others, found.failures());
    }

    private static boolean isPods(ResourceKind kind) {
        return kind.group().isEmpty() && kind.plural().equals("pods");
    }

    private NamespaceConditions.Progress delete(
            String namespace, List<ResourceKind> kinds, List<String> discoveryFailures) {
        var failures = new ArrayList<String>();
        Map<String, Integer> remaining = new HashMap<>();
        Map<String, Integer> finalizers = new HashMap<>();
        for (var kind : kinds) {
            try {
                var left = delete(namespace, kind);
                if (!left.isEmpty()) {
                    remaining.put(kind.resourceAndGroup(), left.size());
                    left.forEach(item -> item.path("metadata")
                            .path("finalizers")
                            .forEach(f -> finalizers.merge(f.asString(""), 1, Integer::sum)));
                }
            } catch (RuntimeException e) {
                failures.add(kind.resourceAndGroup() + ": " + e.getMessage());
            }
        }
        return new NamespaceConditions.Progress(discoveryFailures, failures, remaining, finalizers);
    }

    /** What is left of the kind after its deletion was asked for. */
    private JsonNode delete(String namespace, ResourceKind kind) {
        var path = kind.path(namespace);
        var present = list(path);
        if (present.isEmpty()) {
            return present;
        }
        var options = JsonMapper.shared().createObjectNode().put("propagationPolicy", "Background");
        if (kind.verbs().contains("deletecollection")) {
            rest.delete(path, options).orThrow();
        } else {
            present.forEach(item -> deleteOne(kind, namespace, item, options));
        }
        return list(path);
    }

    private void deleteOne(ResourceKind kind, String namespace, JsonNode item, ObjectNode options) {
        var metadata = item.path("metadata");
        if (metadata.path("deletionTimestamp").isMissingNode()) {
            var answer = rest.delete(kind.path(namespace, metadata.path("name").asString("")), options);
            if (!answer.isNotFound()) {
                answer.orThrow();
            }
        }
    }

    private JsonNode list(String path) {
        var answer = rest.getMetadata(path, true);
        if (answer.isNotFound() || answer.code() == 405) {
            return JsonMapper.shared().createArrayNode(); // the kind went away, or cannot be listed
        }
        return answer.orThrow().body().path("items");
    }

    private Namespace updateStatus(Namespace namespace, NamespaceConditions.Progress progress) {
        var status = namespace.getStatus();
        var before =
                status == null ? List.<io.fabric8.kubernetes.api.model.NamespaceCondition>of() : status.getConditions();
        var conditions = NamespaceConditions.of(before, progress, timers.instant());
        if (conditions.equals(before)) {
            return namespace;
        }
        return client.resource(new NamespaceBuilder(namespace)
                        .withNewStatus()
                        .withPhase("Terminating")
                        .withConditions(conditions)
                        .endStatus()
                        .build())
                .updateStatus();
    }

    private void finalizeNamespace(Namespace namespace) {
        var left = namespace.getSpec().getFinalizers().stream()
                .filter(f -> !f.equals(FINALIZER))
                .toList();
        var finalized = new NamespaceBuilder(namespace)
                .editSpec()
                .withFinalizers(left)
                .endSpec()
                .build();
        var body = client.getKubernetesSerialization().convertValue(finalized, JsonNode.class);
        var answer = rest.put("/api/v1/namespaces/" + namespace.getMetadata().getName() + "/finalize", body);
        if (!answer.isNotFound()) {
            answer.orThrow();
        }
    }
}
