package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** ResourceQuotas. */
final class ResourceQuotaRules implements KindRules {

    private static final Set<String> STANDARD = Set.of(
            "cpu",
            "memory",
            "ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.storage",
            "requests.ephemeral-storage",
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage",
            "pods",
            "resourcequotas",
            "services",
            "replicationcontrollers",
            "secrets",
            "persistentvolumeclaims",
            "configmaps",
            "services.nodeports",
            "services.loadbalancers");
    private static final Set<String> WHOLE = Set.of(
            "pods",
            "resourcequotas",
            "services",
            "replicationcontrollers",
            "secrets",
            "persistentvolumeclaims",
            "configmaps",
            "services.nodeports",
            "services.loadbalancers");
    private static final Set<String> POD_COUNTS = Set.of("pods", "count/pods");

    /** Scopes that a pod has or has not. */
    private static final Set<String> EXISTING =
            Set.of("BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "Terminating");

    private static final List<String> SCOPES = List.of(
            "BestEffort",
            "CrossNamespacePodAffinity",
            "NotBestEffort",
            "NotTerminating",
            "PriorityClass",
            "Terminating",
            "VolumeAttributesClass");

    @Override
    public List<FieldError> validate(ObjectNode quota) {
        var errors = new Errors();
        var spec = Field.of(quota, "spec");
        for (var entry : spec.at("hard").value().properties()) {
            name(errors, spec.at("hard").key(entry.getKey()), entry.getKey());
            amount(errors, spec.at("hard").key(entry.getKey()), entry.getKey());
        }
        scopeSelector(errors, spec.at("scopeSelector"));
        var scopes = new HashSet<String>();
        for (var scope : spec.at("scopes").items()) {
            if (!SCOPES.contains(scope.text())) {
                errors.invalid(spec.at("scopes"), spec.at("scopes").value(), "unsupported scope");
            }
            scopes.add(scope.text());
        }
        if (scopes.containsAll(Set.of("BestEffort", "NotBestEffort"))
                || scopes.containsAll(Set.of("Terminating", "NotTerminating"))) {
            errors.invalid(spec.at("scopes"), "conflicting scopes");
        }
        for (var scope : scopes) {
            if (SCOPES.contains(scope)
                    && !spec.at("hard").value().propertyNames().stream().allMatch(n -> applies(scope, n))) {
                errors.invalid(spec.at("scopes"), "unsupported scope applied to resource");
            }
        }
        return errors.list();
    }

    /** Objects are counted whole. */
    private static void amount(Errors errors, Field field, String name) {
        var amount = errors.quantityNotNegative(field);
        boolean whole = WHOLE.contains(name) || name.startsWith("count/");
        if (amount != null && whole && amount.milliValue() % 1000 != 0) {
            errors.invalid(field, amount.toString(), "must be an integer");
        }
    }

    /** Whether a quota with a scope may limit a resource: only pods have scopes, and best effort pods ask for nothing. */
    private static boolean applies(String scope, String name) {
        boolean compute = name.matches("(requests\\.|limits\\.)?(cpu|memory|ephemeral-storage)")
                || name.matches("requests\\.([^.]+\\.)*[^.]+/.*|(requests\\.)?hugepages-.*");
        return switch (scope) {
            case "VolumeAttributesClass" -> name.contains("storage") || name.contains("persistentvolumeclaims");
            case "BestEffort" -> POD_COUNTS.contains(name);
            default -> compute || POD_COUNTS.contains(name);
        };
    }

    private static void scopeSelector(Errors errors, Field selector) {
        for (var expression : selector.at("matchExpressions").items()) {
            var scope = expression.text("scopeName");
            var operator = expression.at("operator");
            if (!SCOPES.contains(scope)) {
                errors.invalid(expression.at("scopeName"), scope, "unsupported scope");
            }
            if (EXISTING.contains(scope) && !operator.text().equals("Exists")) {
                errors.invalid(
                        operator,
                        operator.text(),
                        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating,"
                                + " ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort,"
                                + " ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }
            boolean valued = !expression.at("values").items().isEmpty();
            switch (operator.text()) {
                case "In", "NotIn" -> {
                    if (!valued) {
                        errors.required(
                                expression.at("values"),
                                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (valued) {
                        errors.invalid(
                                expression.at("values"),
                                "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                    }
                }
                default -> errors.invalid(operator, operator.text(), "not a valid selector operator");
            }
        }
    }

    private static void name(Errors errors, Field field, String name) {
        for (var problem : Names.qualifiedName(name)) {
            errors.invalid(field, name, problem);
        }
        if (name.indexOf('/') < 0 && !STANDARD.contains(name) && !name.matches("(requests\\.)?hugepages-.*")) {
            errors.invalid(field, name, "must be a standard resource for quota");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode quota, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(quota, "spec").at("scopes"), Field.of(old, "spec").at("scopes"));
        return errors.list();
    }
}
