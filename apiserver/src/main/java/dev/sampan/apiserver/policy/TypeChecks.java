package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.registry.ServedTypes;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.cel.KindCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells in the status of a ValidatingAdmissionPolicy which of its expressions do not fit the kinds that it matches. One thread
 * of its own does it, once for each generation. What it finds changes nothing about the policy's work.
 */
public final class TypeChecks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TypeChecks.class);
    private static final GroupResource POLICIES =
            new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies");
    private static final int MAX_KINDS = 10;

    private final Objects objects;
    private final ServedTypes types;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("policy-types").factory());
    private final AutoCloseable follower;

    public TypeChecks(Objects objects, ServedTypes types) {
        this.objects = objects;
        this.types = types;
        this.follower = objects.follow(POLICIES, (before, after) -> {
            if (after != null && isDue(after)) {
                schedule(Meta.name(after));
            }
        });
    }

    private static boolean isDue(ObjectNode policy) {
        return policy.path("metadata").path("generation").longValue(0)
                > policy.path("status").path("observedGeneration").longValue(0);
    }

    private void schedule(String name) {
        try {
            worker.execute(() -> reconcile(name));
        } catch (RejectedExecutionException closed) {
            LOG.debug("policy {} is not checked any more", name);
        }
    }

    private void reconcile(String name) {
        var policy = objects.get(POLICIES, "", name);
        if (policy == null || !isDue(policy)) {
            return;
        }
        try {
            var warnings = check(policy);
            var generation = policy.path("metadata").path("generation").longValue(0);
            objects.modify(POLICIES, "", name, latest -> {
                var status = latest.withObject("/status");
                status.put("observedGeneration", generation);
                var checking = status.putObject("typeChecking");
                if (!warnings.isEmpty()) {
                    checking.set("expressionWarnings", warnings);
                }
                return latest;
            });
        } catch (ApiException e) {
            LOG.debug("the status of policy {} was not written: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("policy {} could not be checked", name, e);
        }
    }

    private record Check(GroupVersionKind kind, KindCheck types) {}

    private ArrayNode check(ObjectNode policy) {
        var spec = policy.path("spec");
        var checks = checks(spec);
        var warnings = JsonNodeFactory.instance.arrayNode();
        int i = 0;
        for (var validation : spec.path("validations")) {
            for (var field : List.of("expression", "messageExpression")) {
                var found = problems(checks, Meta.text(validation, field));
                if (!found.isEmpty()) {
                    warnings.addObject()
                            .put("fieldRef", "spec.validations[" + i + "]." + field)
                            .put("warning", found);
                }
            }
            i++;
        }
        return warnings;
    }

    private static String problems(List<Check> checks, String expression) {
        var lines = new ArrayList<String>();
        if (!expression.isEmpty()) {
            for (var check : checks) {
                var problem = check.types.problem(expression);
                if (problem != null) {
                    var kind = check.kind;
                    lines.add("%s, Kind=%s: %s\n".formatted(kind.apiVersion(), kind.kind(), problem));
                }
            }
        }
        return String.join("\n", lines);
    }

    private List<Check> checks(JsonNode spec) {
        var params = params(spec.path("paramKind"));
        var variables = new LinkedHashMap<String, String>();
        spec.path("variables").forEach(v -> variables.put(Meta.text(v, "name"), Meta.text(v, "expression")));
        return matched(spec.path("matchConstraints").path("resourceRules")).stream()
                .map(t -> new Check(
                        t.gvk(), new KindCheck(t.schema(), params == null ? null : params.schema(), variables)))
                .toList();
    }

    private @Nullable ServedType params(JsonNode kind) {
        return types.table().all().stream()
                .filter(t -> t.gvk().apiVersion().equals(Meta.text(kind, "apiVersion"))
                        && t.gvk().kind().equals(Meta.text(kind, "kind")))
                .findFirst()
                .orElse(null);
    }

    /** What the rules name without wildcards: at most ten kinds, in order. */
    private List<ServedType> matched(JsonNode rules) {
        var found = new LinkedHashSet<ServedType>();
        for (var rule : rules) {
            for (var group : named(rule.path("apiGroups"))) {
                for (var version : named(rule.path("apiVersions"))) {
                    named(rule.path("resources"), "/").stream()
                            .map(r -> types.table().find(group, version, r))
                            .filter(java.util.Objects::nonNull)
                            .forEach(found::add);
                }
            }
        }
        return found.stream()
                .limit(MAX_KINDS)
                .sorted(Comparator.comparing((ServedType t) -> t.gvk().group())
                        .thenComparing(t -> t.gvk().version())
                        .thenComparing(t -> t.gvk().kind()))
                .toList();
    }

    /** Nothing when one of them is a wildcard: it would be too much to check. */
    private static List<String> named(JsonNode list) {
        var names = list.valueStream().map(v -> v.stringValue("")).sorted().toList();
        return names.stream().anyMatch(n -> n.contains("*")) ? List.of() : names;
    }

    private static List<String> named(JsonNode list, String unwanted) {
        return list.valueStream()
                .map(v -> v.stringValue(""))
                .filter(n -> !n.contains("*") && !n.contains(unwanted))
                .sorted()
                .toList();
    }

    @Override
    public void close() throws Exception {
        follower.close();
        worker.shutdownNow();
    }
}
