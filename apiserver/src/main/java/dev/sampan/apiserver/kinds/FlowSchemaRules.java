package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** FlowSchemas. */
final class FlowSchemaRules implements KindRules {

    private static final int DEFAULT_PRECEDENCE = 1000;
    private static final int MAX_PRECEDENCE = 10_000;

    @Override
    public void setDefaults(ObjectNode schema) {
        if (schema.path("spec") instanceof ObjectNode spec
                && spec.path("matchingPrecedence").intValue(0) == 0) {
            spec.put("matchingPrecedence", DEFAULT_PRECEDENCE);
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode schema) {
        var errors = new Errors();
        var spec = Field.of(schema, "spec");
        long precedence = spec.at("matchingPrecedence").number(DEFAULT_PRECEDENCE);
        if (precedence <= 0) {
            errors.invalid(spec.at("matchingPrecedence"), "must be a positive value");
        }
        if (precedence > MAX_PRECEDENCE) {
            errors.invalid(spec.at("matchingPrecedence"), "must not be greater than 10000");
        }
        if (precedence == 1 && !Meta.name(schema).equals("exempt")) {
            errors.invalid(
                    spec.at("matchingPrecedence"), "only the schema named 'exempt' may have matchingPrecedence 1");
        }
        if (spec.has("distinguisherMethod")) {
            errors.oneOf(spec.at("distinguisherMethod").at("type"), List.of("ByNamespace", "ByUser"));
        }
        if (spec.at("priorityLevelConfiguration").text("name").isEmpty()) {
            errors.required(spec.at("priorityLevelConfiguration").at("name"), "must reference a priority level");
        }
        for (var rule : spec.at("rules").items()) {
            rule(errors, rule);
        }
        return errors.list();
    }

    private static void rule(Errors errors, Field rule) {
        if (rule.at("subjects").items().isEmpty()) {
            errors.required(rule.at("subjects"), "subjects must contain at least one value");
        }
        for (var subject : rule.at("subjects").items()) {
            errors.oneOf(subject.at("kind"), List.of("Group", "ServiceAccount", "User"));
        }
        if (rule.at("resourceRules").items().isEmpty()
                && rule.at("nonResourceRules").items().isEmpty()) {
            errors.required(rule, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }
        for (var resources : rule.at("resourceRules").items()) {
            for (var list : List.of("verbs", "apiGroups", "resources")) {
                if (resources.at(list).items().isEmpty()) {
                    errors.required(resources.at(list), list + " must contain at least one value");
                }
            }
            if (resources.at("namespaces").items().isEmpty() && !resources.flag("clusterScope")) {
                errors.required(
                        resources.at("namespaces"),
                        "resource rules that are not cluster scoped must supply at least one" + " namespace");
            }
        }
        for (var paths : rule.at("nonResourceRules").items()) {
            for (var list : List.of("verbs", "nonResourceURLs")) {
                if (paths.at(list).items().isEmpty()) {
                    errors.required(paths.at(list), list + " must contain at least one value");
                }
            }
        }
    }
}
