package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.Quantity;
import java.util.ArrayList;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Counts what a namespace uses against its quotas. Usage is added to the quota's status in one compare-and-set, so that
 * requests at the same time cannot both take the last place; {@link QuotaRecount} counts anew and gives back.
 */
final class ResourceQuota implements AdmissionPlugin {

    static final GroupResource QUOTAS = new GroupResource("", "resourcequotas");

    private final QuotaRecount recount;

    ResourceQuota(QuotaRecount recount) {
        this.recount = recount;
    }

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
        var quotas = request.context().objects().list(QUOTAS, request.namespace()).stream()
                .filter(q -> QuotaUsage.inScope(q, request.resource(), object))
                .toList();
        var deltas = new ArrayList<Amounts>();
        for (var quota : quotas) {
            var delta = wanted(request, quota, object);
            deltas.add(delta);
            if (!isNothing(delta)) {
                add(request, counted(request, quota, delta).deepCopy(), delta);
            }
        }
        for (int i = 0; i < quotas.size() && !request.context().dryRun(); i++) {
            charge(request, Meta.name(quotas.get(i)), deltas.get(i));
        }
    }

    private static boolean isNothing(Amounts delta) {
        return delta.byName().values().stream().allMatch(Quantity::isZero);
    }

    private static Amounts wanted(AdmissionRequest request, ObjectNode quota, ObjectNode object) {
        var hard = Amounts.of(quota.path("spec").path("hard"));
        if (request.createsPod()) {
            requireSpecified(request, quota, hard, object);
        }
        return delta(request, quota, object).only(hard.byName().keySet());
    }

    /** The quota with its usage, counted now when it is new. */
    private ObjectNode counted(AdmissionRequest request, ObjectNode quota, Amounts delta) {
        if (isKnown(quota, delta)) {
            return quota;
        }
        recount.recount(request.namespace());
        var latest = request.context().objects().get(QUOTAS, request.namespace(), Meta.name(quota));
        if (latest == null || !isKnown(latest, delta)) {
            var names = String.join(",", new TreeSet<>(delta.byName().keySet()));
            throw Refusal.of(request, "status unknown for quota: %s, resources: %s".formatted(Meta.name(quota), names));
        }
        return latest;
    }

    private static boolean isKnown(ObjectNode quota, Amounts delta) {
        return Amounts.of(quota.path("status").path("hard"))
                .byName()
                .keySet()
                .containsAll(delta.byName().keySet());
    }

    private void charge(AdmissionRequest request, String quota, Amounts delta) {
        if (isNothing(delta)) {
            return;
        }
        var lock = recount.lock(request.namespace());
        lock.lock();
        try {
            request.context()
                    .objects()
                    .modify(QUOTAS, request.namespace(), quota, latest -> add(request, latest, delta));
            if (request.operation() == Operation.CREATE) {
                recount.charges().add(request.namespace(), quota, request.resource(), request.name(), delta);
            }
        } catch (ApiException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        } finally {
            lock.unlock();
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
