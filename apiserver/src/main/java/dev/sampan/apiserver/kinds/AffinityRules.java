package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;

/** Node and pod affinity. */
final class AffinityRules {

    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

    private final Errors errors;

    AffinityRules(Errors errors) {
        this.errors = errors;
    }

    void check(Field affinity) {
        var node = affinity.at("nodeAffinity");
        if (node.has(REQUIRED)) {
            nodeSelector(node.at(REQUIRED));
        }
        for (var preferred : node.at(PREFERRED).items()) {
            weight(preferred.at("weight"));
            nodeTerm(preferred.at("preference"));
        }
        podAffinity(affinity.at("podAffinity"));
        podAffinity(affinity.at("podAntiAffinity"));
    }

    /** Also of a PersistentVolume's {@code nodeAffinity.required}. */
    void nodeSelector(Field selector) {
        var terms = selector.at("nodeSelectorTerms");
        if (terms.value().isEmpty()) {
            errors.required(terms, "must have at least one node selector term");
        }
        terms.items().forEach(this::nodeTerm);
    }

    private void nodeTerm(Field term) {
        term.at("matchExpressions").items().forEach(this::nodeExpression);
        for (var field : term.at("matchFields").items()) {
            if (!field.text("key").equals("metadata.name")) {
                errors.invalid(field.at("key"), field.text("key"), "not a valid field selector key");
            }
            if (field.at("values").value().size() != 1) {
                errors.required(
                        field.at("values"),
                        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }
        }
    }

    private void nodeExpression(Field expression) {
        var values = expression.at("values");
        switch (expression.text("operator")) {
            case "In", "NotIn" -> {
                if (values.value().isEmpty()) {
                    errors.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!values.value().isEmpty()) {
                    errors.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            case "Gt", "Lt" -> {
                if (values.value().size() != 1) {
                    errors.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
                }
            }
            default ->
                errors.invalid(expression.at("operator"), expression.text("operator"), "not a valid selector operator");
        }
        errors.names(expression.at("key"), Names.qualifiedName(expression.text("key")));
    }

    private void podAffinity(Field affinity) {
        for (var term : affinity.at(REQUIRED).items()) {
            podTerm(term);
        }
        for (var preferred : affinity.at(PREFERRED).items()) {
            weight(preferred.at("weight"));
            podTerm(preferred.at("podAffinityTerm"));
        }
    }

    private void podTerm(Field term) {
        errors.selector(term.at("labelSelector"));
        errors.selector(term.at("namespaceSelector"));
        for (var namespace : term.at("namespaces").items()) {
            errors.names(namespace, Names.dns1123Label(namespace.text()));
        }
        if (term.text("topologyKey").isEmpty()) {
            errors.required(term.at("topologyKey"), "can not be empty");
        } else {
            errors.names(term.at("topologyKey"), Names.qualifiedName(term.text("topologyKey")));
        }
    }

    private void weight(Field weight) {
        if (weight.number(0) < 1 || weight.number(0) > 100) {
            errors.add(FieldError.invalid(weight.path(), weight.number(0), "must be in the range 1-100"));
        }
    }
}
