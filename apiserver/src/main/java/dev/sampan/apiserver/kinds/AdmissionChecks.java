package dev.sampan.apiserver.kinds;

import dev.sampan.schema.Names;
import dev.sampan.schema.cel.CelExpressions;
import dev.sampan.schema.cel.CelExpressions.Result;
import dev.sampan.schema.cel.CelFailure;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that admission policies and webhooks share. */
final class AdmissionChecks {

    private static final List<String> OPERATIONS = List.of("*", "CONNECT", "CREATE", "DELETE", "UPDATE");

    private AdmissionChecks() {}

    /** An expression that has to be there and to compile. */
    static void expression(Errors errors, Field field, CelExpressions cel, Result result) {
        if (field.text().isBlank()) {
            errors.required(field, "");
            return;
        }
        try {
            var unused = cel.compile(field.text(), result);
        } catch (CelFailure e) {
            errors.invalid(field, field.text(), String.valueOf(e.getMessage()));
        }
    }

    static void conditions(Errors errors, Field conditions) {
        if (conditions.items().size() > 64) {
            errors.add(dev.sampan.schema.FieldError.tooMany(
                    conditions.path(), conditions.items().size(), 64));
        }
        var names = new HashSet<String>();
        for (var condition : conditions.items()) {
            var name = condition.at("name");
            if (name.text().isEmpty()) {
                errors.required(name, "");
            } else {
                errors.names(name, Names.qualifiedName(name.text()));
                if (!names.add(name.text())) {
                    errors.duplicate(name);
                }
            }
            expression(errors, condition.at("expression"), AdmissionExpressions.conditions(), Result.BOOL);
        }
    }

    /** RuleWithOperations in a list. */
    static void rules(Errors errors, Field rules) {
        for (var rule : rules.items()) {
            required(errors, rule.at("operations"));
            for (var operation : rule.at("operations").items()) {
                errors.oneOf(operation, OPERATIONS);
            }
            required(errors, rule.at("apiGroups"));
            required(errors, rule.at("apiVersions"));
            required(errors, rule.at("resources"));
            alone(errors, rule.at("operations"));
            alone(errors, rule.at("apiGroups"));
            alone(errors, rule.at("apiVersions"));
            if (rule.has("scope")) {
                errors.oneOf(rule.at("scope"), List.of("*", "Cluster", "Namespaced"));
            }
        }
    }

    private static void required(Errors errors, Field list) {
        if (list.items().isEmpty()) {
            errors.required(list, "");
        }
        for (var item : list.items()) {
            if (item.text().isEmpty() && !list.path().endsWith("apiGroups")) {
                errors.required(item, "");
            }
        }
    }

    private static void alone(Errors errors, Field list) {
        if (list.items().size() > 1
                && list.items().stream().anyMatch(i -> i.text().equals("*"))) {
            var name = list.path().substring(list.path().lastIndexOf('.') + 1);
            errors.invalid(
                    list,
                    list.value(),
                    "if '*' is present, must not specify other "
                            + (name.equals("apiGroups")
                                    ? "API groups"
                                    : name.equals("apiVersions") ? "API versions" : name));
        }
    }

    /** Both selectors and the policy of matching. */
    static void matching(Errors errors, Field node) {
        if (!node.present()) {
            return;
        }
        if (node.has("matchPolicy")) {
            errors.oneOf(node.at("matchPolicy"), List.of("Equivalent", "Exact"));
        }
        errors.selector(node.at("namespaceSelector"));
        errors.selector(node.at("objectSelector"));
        rules(errors, node.at("resourceRules"));
        rules(errors, node.at("excludeResourceRules"));
    }

    static void failurePolicy(Errors errors, Field policy) {
        if (policy.present()) {
            errors.oneOf(policy, Set.of("Fail", "Ignore").stream().sorted().toList());
        }
    }
}
