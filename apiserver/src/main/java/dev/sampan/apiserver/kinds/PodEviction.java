package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.SubresourceHandler;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code pods/eviction}: deletes a pod if its disruption budget lets it go, else answers 429. */
final class PodEviction implements SubresourceHandler {

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource BUDGETS = new GroupResource("policy", "poddisruptionbudgets");
    private static final String REFUSED = "Cannot evict pod as it would violate the pod's disruption budget.";
    private static final int RETRY_SECONDS = 10;

    /** How many evictions a budget remembers until the pods are gone. */
    private static final int MAX_DISRUPTED = 2000;

    @Override
    public GroupResource resource() {
        return PODS;
    }

    @Override
    public String subresource() {
        return "eviction";
    }

    @Override
    public List<String> verbs() {
        return List.of("create");
    }

    @Override
    public ApiResponse handle(Call call) {
        var eviction = call.body() == null ? JsonNodeFactory.instance.objectNode() : call.body();
        var name = call.attributes().name();
        if (!Meta.name(eviction).isEmpty() && !Meta.name(eviction).equals(name)) {
            throw ApiException.badRequest("name in URL does not match name in Eviction object");
        }
        var objects = call.context().objects();
        var pod = objects.get(PODS, call.attributes().namespace(), name);
        if (pod == null) {
            throw ApiException.notFound(PODS, name);
        }
        var options = eviction.path("deleteOptions") instanceof ObjectNode given
                ? given.deepCopy()
                : JsonNodeFactory.instance.objectNode();
        boolean dryRun = call.context().dryRun() || !options.path("dryRun").isEmpty();
        if (!needsNoBudget(pod)) {
            var budget = budgetOf(pod, objects);
            if (budget != null && !isUnhealthyAnyway(pod, budget)) {
                spend(call, budget, name, dryRun);
            }
        }
        if (!dryRun) {
            evict(call, pod, options);
        }
        return Answers.created();
    }

    private static void evict(Call call, ObjectNode pod, ObjectNode options) {
        var namespace = call.attributes().namespace();
        var name = call.attributes().name();
        if (!Meta.isTerminating(pod)) {
            call.context().objects().modify(PODS, namespace, name, latest -> {
                PodConditions.set(
                        latest,
                        "DisruptionTarget",
                        "True",
                        "EvictionByEvictionAPI",
                        "Eviction API: evicting",
                        call.context().now());
                return latest;
            });
        }
        // The pod that was looked at, not a new one of its name.
        if (!options.path("preconditions").has("uid")) {
            options.withObject("/preconditions").put("uid", Meta.uid(pod));
        }
        call.context().objects().delete(PODS, namespace, name, options);
    }

    /** Pods that serve nobody any more, or not yet. */
    private static boolean needsNoBudget(ObjectNode pod) {
        return Set.of("Succeeded", "Failed", "Pending").contains(Meta.text(pod, "status", "phase"))
                || Meta.isTerminating(pod);
    }

    private static @Nullable ObjectNode budgetOf(ObjectNode pod, Objects objects) {
        var labels = Meta.labels(pod);
        var found = objects.list(BUDGETS, Meta.namespace(pod)).stream()
                .filter(b -> {
                    var selector = Errors.parsed(b.path("spec").path("selector"));
                    return selector != null && selector.matches(labels);
                })
                .toList();
        if (found.size() > 1) {
            throw ApiException.internal(
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    /** A pod that is not ready may go when the policy always allows it, or when enough others are healthy. */
    private static boolean isUnhealthyAnyway(ObjectNode pod, ObjectNode budget) {
        for (var condition : pod.path("status").path("conditions")) {
            if (Meta.text(condition, "type").equals("Ready")
                    && Meta.text(condition, "status").equals("True")) {
                return false;
            }
        }
        if (Meta.text(budget, "spec", "unhealthyPodEvictionPolicy").equals("AlwaysAllow")) {
            return true;
        }
        long desired = budget.path("status").path("desiredHealthy").longValue(0);
        return desired > 0 && budget.path("status").path("currentHealthy").longValue(0) >= desired;
    }

    private static void spend(Call call, ObjectNode budget, String pod, boolean dryRun) {
        if (dryRun) {
            spend(call, budget.deepCopy(), pod);
            return;
        }
        call.context()
                .objects()
                .modify(BUDGETS, call.attributes().namespace(), Meta.name(budget), latest -> spend(call, latest, pod));
    }

    private static ObjectNode spend(Call call, ObjectNode budget, String pod) {
        var status = Defaults.object(budget, "status");
        var name = Meta.name(budget);
        if (status.path("observedGeneration").longValue(0)
                < budget.path("metadata").path("generation").longValue(0)) {
            throw refused(
                    "The disruption budget %s is still being processed by the server.".formatted(name), RETRY_SECONDS);
        }
        if (status.path("disruptedPods").size() > MAX_DISRUPTED) {
            throw refused("DisruptedPods map too big - too many evictions not confirmed by PDB controller", 0);
        }
        long allowed = status.path("disruptionsAllowed").longValue(0);
        if (allowed <= 0) {
            throw refused(
                    "The disruption budget %s needs %d healthy pods and has %d currently"
                            .formatted(
                                    name,
                                    status.path("desiredHealthy").longValue(0),
                                    status.path("currentHealthy").longValue(0)),
                    0);
        }
        status.put("disruptionsAllowed", allowed - 1);
        Defaults.object(status, "disruptedPods")
                .put(pod, call.context().now().truncatedTo(ChronoUnit.SECONDS).toString());
        return budget;
    }

    /** @param retrySeconds after which clients try again by themselves; 0 to leave it to their callers, who may want to wait for longer */
    private static ApiException refused(String why, int retrySeconds) {
        var cause = new Status.Cause("DisruptionBudget", why, "");
        return new ApiException(new Status(
                429, "TooManyRequests", REFUSED, new Status.Details("", "", "", "", List.of(cause), retrySeconds)));
    }
}
