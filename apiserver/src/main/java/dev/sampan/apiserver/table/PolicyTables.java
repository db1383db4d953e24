package dev.sampan.apiserver.table;

import static dev.sampan.apiserver.table.Cells.at;
import static dev.sampan.apiserver.table.Cells.number;
import static dev.sampan.apiserver.table.Cells.numberAt;
import static dev.sampan.apiserver.table.Cells.text;
import static dev.sampan.apiserver.table.Cells.textAt;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.table.KindTable.Part;
import java.util.ArrayList;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Quotas, budgets, autoscalers, priorities, roles and their bindings. */
final class PolicyTables {

    private static final String RBAC = "rbac.authorization.k8s.io";

    private PolicyTables() {}

    static void addTo(Map<GroupResource, KindTable> tables) {
        tables.put(new GroupResource("", "resourcequotas"), quotas());
        tables.put(new GroupResource("policy", "poddisruptionbudgets"), budgets());
        tables.put(new GroupResource("autoscaling", "horizontalpodautoscalers"), autoscalers());
        tables.put(
                new GroupResource("scheduling.k8s.io", "priorityclasses"),
                KindTable.of(
                        Part.name(),
                        Part.number("Value", numberAt("value")),
                        Part.of(
                                "Global-Default",
                                "boolean",
                                o -> o.path("globalDefault").asBoolean(false)),
                        Part.age(),
                        Part.wide("PreemptionPolicy", textAt("preemptionPolicy"))));
        tables.put(new GroupResource(RBAC, "rolebindings"), bindings());
        tables.put(new GroupResource(RBAC, "clusterrolebindings"), bindings());
        flowControl(tables);
        admissionPolicies(tables);
    }

    private static KindTable quotas() {
        return KindTable.of(
                Part.name(),
                Part.text("Request", o -> usage(o, false)),
                Part.text("Limit", o -> usage(o, true)),
                Part.age());
    }

    private static String usage(JsonNode quota, boolean limits) {
        var result = new ArrayList<String>();
        for (var hard : at(quota, "status.hard").properties()) {
            if (hard.getKey().startsWith("limits.") == limits) {
                var used = at(quota, "status.used").path(hard.getKey()).asString("");
                result.add(hard.getKey() + ": " + used + "/" + hard.getValue().asString(""));
            }
        }
        result.sort(String::compareTo);
        return String.join(", ", result);
    }

    private static KindTable budgets() {
        return KindTable.of(
                Part.name(),
                Part.text("Min Available", o -> Cells.or(text(o, "spec.minAvailable"), "N/A")),
                Part.text("Max Unavailable", o -> Cells.or(text(o, "spec.maxUnavailable"), "N/A")),
                Part.number("Allowed Disruptions", numberAt("status.disruptionsAllowed")),
                Part.age());
    }

    private static KindTable autoscalers() {
        return KindTable.of(
                Part.name(),
                Part.text(
                        "Reference",
                        o -> text(o, "spec.scaleTargetRef.kind") + "/" + text(o, "spec.scaleTargetRef.name")),
                Part.text("Targets", AutoscalerTargets::of),
                Part.text("MinPods", o -> Cells.or(text(o, "spec.minReplicas"), Cells.UNSET)),
                Part.text("MaxPods", o -> Long.toString(number(o, "spec.maxReplicas"))),
                Part.number("Replicas", numberAt("status.currentReplicas")),
                Part.age());
    }

    private static KindTable bindings() {
        return KindTable.of(
                Part.name(),
                Part.text("Role", o -> text(o, "roleRef.kind") + "/" + text(o, "roleRef.name")),
                Part.age(),
                Part.wide("Users", o -> subjects(o, "User")),
                Part.wide("Groups", o -> subjects(o, "Group")),
                Part.wide("ServiceAccounts", o -> subjects(o, "ServiceAccount")));
    }

    private static String subjects(JsonNode binding, String kind) {
        var result = new ArrayList<String>();
        for (var subject : binding.path("subjects")) {
            if (subject.path("kind").asString("").equals(kind)) {
                var name = subject.path("name").asString("");
                var namespace = subject.path("namespace").asString("");
                result.add(kind.equals("ServiceAccount") ? namespace + "/" + name : name);
            }
        }
        return String.join(", ", result);
    }

    private static void flowControl(Map<GroupResource, KindTable> tables) {
        var group = "flowcontrol.apiserver.k8s.io";
        tables.put(
                new GroupResource(group, "flowschemas"),
                KindTable.of(
                        Part.name(),
                        Part.text("PriorityLevel", textAt("spec.priorityLevelConfiguration.name")),
                        Part.number("MatchingPrecedence", numberAt("spec.matchingPrecedence")),
                        Part.text("DistinguisherMethod", Cells.textOrNone("spec.distinguisherMethod.type")),
                        Part.age(),
                        Part.text("MissingPL", o -> Cells.or(Cells.condition(o, "Dangling"), "?"))));
        tables.put(
                new GroupResource(group, "prioritylevelconfigurations"),
                KindTable.of(
                        Part.name(),
                        Part.text("Type", textAt("spec.type")),
                        Part.text(
                                "NominalConcurrencyShares", Cells.textOrNone("spec.limited.nominalConcurrencyShares")),
                        Part.text("Queues", Cells.textOrNone("spec.limited.limitResponse.queuing.queues")),
                        Part.text("HandSize", Cells.textOrNone("spec.limited.limitResponse.queuing.handSize")),
                        Part.text(
                                "QueueLengthLimit",
                                Cells.textOrNone("spec.limited.limitResponse.queuing.queueLengthLimit")),
                        Part.age()));
    }

    private static void admissionPolicies(Map<GroupResource, KindTable> tables) {
        var group = "admissionregistration.k8s.io";
        tables.put(
                new GroupResource(group, "validatingadmissionpolicies"),
                KindTable.of(
                        Part.name(),
                        Part.number("Validations", Cells.countAt("spec.validations")),
                        Part.text("ParamKind", PolicyTables::paramKind),
                        Part.age()));
        tables.put(
                new GroupResource(group, "mutatingadmissionpolicies"),
                KindTable.of(
                        Part.name(),
                        Part.number("Mutations", Cells.countAt("spec.mutations")),
                        Part.text("ParamKind", PolicyTables::paramKind),
                        Part.age()));
        for (var resource : new String[] {"validatingadmissionpolicybindings", "mutatingadmissionpolicybindings"}) {
            tables.put(
                    new GroupResource(group, resource),
                    KindTable.of(
                            Part.name(),
                            Part.text("PolicyName", textAt("spec.policyName")),
                            Part.text("ParamRef", PolicyTables::paramRef),
                            Part.age()));
        }
    }

    private static String paramKind(JsonNode policy) {
        var kind = at(policy, "spec.paramKind");
        return kind.isObject()
                ? kind.path("apiVersion").asString("") + "/" + kind.path("kind").asString("")
                : Cells.UNSET;
    }

    private static String paramRef(JsonNode binding) {
        var reference = at(binding, "spec.paramRef");
        if (!reference.isObject()) {
            return Cells.UNSET;
        }
        var namespace = reference.path("namespace").asString("");
        return (namespace.isEmpty() ? "*" : namespace) + "/"
                + reference.path("name").asString("");
    }
}
