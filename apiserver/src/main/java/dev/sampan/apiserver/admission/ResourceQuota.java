package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.Quantity;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Counts what a namespace uses against its quotas. Usage is added to the quota's status in one compare-and-set, so that
 * requests at the same time cannot both take the last place; the quota controller counts anew and gives back.
 */
final class ResourceQuota implements AdmissionPlugin {

    private static final GroupResource QUOTAS = new GroupResource("", "resourcequotas");

    @Override
    public void validate(AdmissionRequest request) {
        var object = request.object();
        if (object == null
                || request.namespace().isEmpty()
                || !request.subresource().isEmpty()) {
            return;
        }
        if (request.operation() != Operation.CREATE && request.operation() != Operation.UPDATE) {
            return;
        }
        var quotas = request.context().objects().list(QUOTAS, request.namespace());
        for (var quota : quotas) {
            if (QuotaUsage.inScope(quota, request.resource(), object)) {
                charge(request, quota, object);
            }
        }
    }

    private static void charge(AdmissionRequest request, ObjectNode quota, ObjectNode object) {
        var wanted = Amounts.of(quota.path("spec").path("hard"));
        if (request.operation() == Operation.CREATE && request.isFor("", "pods")) {
            requireSpecified(request, quota, wanted, object);
        }
        var delta = delta(request, quota, object).only(wanted.byName().keySet());
        if (delta.byName().values().stream().allMatch(Quantity::isZero)) {
            return;
        }
        var known = Amounts.of(quota.path("status").path("hard")).byName().keySet();
        if (!known.containsAll(delta.byName().keySet())) {
            throw Refusal.of(
                    request,
                    "status unknown for quota: %s, resources: %s"
                            .formatted(
                                    Meta.name(quota),
                                    String.join(
                                            ",", new TreeSet<>(delta.byName().keySet()))));
        }
        if (request.context().dryRun()) {
            add(request, quota.deepCopy(), delta);
        } else {
            request.context()
                    .objects()
                    .modify(QUOTAS, request.namespace(), Meta.name(quota), latest -> add(request, latest, delta));
        }
    }

    private static Amounts delta(AdmissionRequest request, ObjectNode quota, ObjectNode object) {
        var usage = QuotaUsage.of(request.resource(), object);
        var old = request.oldObject();
        if (request.operation() == Operation.CREATE || old == null) {
            return usage;
        }
        return QuotaUsage.inScope(quota, request.resource(), old)
                ? usage.minus(QuotaUsage.of(request.resource(), old))
                : usage;
    }

    private static void requireSpecified(AdmissionRequest request, ObjectNode quota, Amounts hard, ObjectNode pod) {
        var missing = QuotaUsage.unspecified(hard, pod);
        if (!missing.isEmpty()) {
            var text = missing.entrySet().stream()
                    .map(e -> e.getKey() + " for: " + String.join(",", e.getValue()))
                    .collect(Collectors.joining("; "));
            throw Refusal.of(request, "failed quota: %s: must specify %s".formatted(Meta.name(quota), text));
        }
    }

    private static ObjectNode add(AdmissionRequest request, ObjectNode quota, Amounts delta) {
        var status = quota.path("status");
        var hard = Amounts.of(status.path("hard"));
        var used = Amounts.of(status.path("used"));
        var next = used.plus(delta);
        var exceeded = new TreeSet<String>();
        delta.byName().forEach((name, change) -> {
            var limit = hard.get(name);
            var now = next.get(name);
            if (change.signum() > 0 && limit != null && now != null && now.compareTo(limit) > 0) {
                exceeded.add(name);
            }
        });
        if (!exceeded.isEmpty()) {
            throw Refusal.of(
                    request,
                    "exceeded quota: %s, requested: %s, used: %s, limited: %s"
                            .formatted(
                                    Meta.name(quota), delta.only(exceeded), used.only(exceeded), hard.only(exceeded)));
        }
        var json = JsonNodeFactory.instance.objectNode();
        next.writeTo(json);
        quota.withObject("/status").set("used", json);
        return quota;
    }
}
