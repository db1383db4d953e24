package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Checks that the kinds with a pod template and a selector share. */
final class Workloads {

    private Workloads() {}

    static ObjectNode spec(ObjectNode object) {
        return Defaults.object(object, "spec");
    }

    /** A selector that is given, valid and not empty, and that the template's labels match. */
    static void selectorAndTemplate(Errors errors, Field spec, String kind) {
        var selector = spec.at("selector");
        if (!selector.present()) {
            errors.required(selector, "");
        } else {
            errors.selector(selector);
            if (selector.value().path("matchLabels").isEmpty()
                    && selector.value().path("matchExpressions").isEmpty()) {
                errors.invalid(selector, "empty selector is invalid for " + kind);
            }
        }
        var parsed = selector.present() ? Errors.parsed(selector.value()) : null;
        var labels = spec.at("template").at("metadata").at("labels");
        if (parsed != null && !parsed.isEmpty() && !parsed.matches(Meta.strings(labels.value()))) {
            errors.invalid(
                    labels, labels.present() ? labels.value() : null, "`selector` does not match template `labels`");
        }
    }

    /** A template whose pods run until they are deleted. */
    static void alwaysRunning(Errors errors, Field template) {
        PodSpecRules.template(errors, template);
        var policy = template.at("spec").at("restartPolicy");
        if (!policy.text().equals("Always")) {
            errors.add(FieldError.notSupported(policy.path(), policy.text(), List.of("Always")));
        }
        if (template.at("spec").has("activeDeadlineSeconds")) {
            errors.forbidden(
                    template.at("spec").at("activeDeadlineSeconds"),
                    "activeDeadlineSeconds in ReplicaSet is not Supported");
        }
    }

    /** A number or a percentage, not negative; percentages up to 100 when {@code atMost100}. */
    static void countOrPercent(Errors errors, Field field, boolean atMost100) {
        if (!field.present()) {
            return;
        }
        if (!field.value().isString()) {
            errors.notNegative(field);
            return;
        }
        if (!field.text().matches("[0-9]+%")) {
            errors.invalid(
                    field,
                    field.text(),
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%',"
                            + " regex used for validation is '[0-9]+%')");
        } else if (atMost100 && percent(field) > 100) {
            errors.invalid(field, field.text(), "must not be greater than 100%");
        }
    }

    private static long percent(Field field) {
        var digits = field.text().substring(0, field.text().length() - 1);
        return digits.length() > 9 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    static boolean isZero(Field field) {
        return field.value().isString() ? field.text().matches("0+%") : field.number(0) == 0;
    }

    /** What a template that was accepted deserves a warning for. */
    static List<String> templateWarnings(ObjectNode object) {
        return PodWarnings.of(Field.of(object, "spec").at("template").at("spec"));
    }
}
