package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** HorizontalPodAutoscalers, as autoscaling/v2 has them. */
final class HorizontalPodAutoscalerRules implements KindRules {

    private static final int DEFAULT_UTILIZATION = 80;
    private static final long HOUR_SECONDS = 3600;
    private static final long MAX_PERIOD_SECONDS = 1800;

    /** The field that a metric of each type has. */
    private static final Map<String, String> SOURCES = Map.of(
            "ContainerResource", "containerResource",
            "External", "external",
            "Object", "object",
            "Pods", "pods",
            "Resource", "resource");

    @Override
    public void setDefaults(ObjectNode autoscaler) {
        var spec = Defaults.object(autoscaler, "spec");
        Defaults.number(spec, "minReplicas", 1);
        if (spec.path("metrics").isEmpty()) {
            var resource = spec.putArray("metrics")
                    .addObject()
                    .put("type", "Resource")
                    .putObject("resource")
                    .put("name", "cpu");
            resource.putObject("target").put("type", "Utilization").put("averageUtilization", DEFAULT_UTILIZATION);
        }
        if (spec.path("behavior") instanceof ObjectNode behavior) {
            var up = Defaults.object(behavior, "scaleUp");
            Defaults.number(up, "stabilizationWindowSeconds", 0);
            Defaults.text(up, "selectPolicy", "Max");
            if (up.path("policies").isEmpty()) {
                var policies = up.putArray("policies");
                policies.addObject().put("type", "Pods").put("value", 4).put("periodSeconds", 15);
                policies.addObject().put("type", "Percent").put("value", 100).put("periodSeconds", 15);
            }
            var down = Defaults.object(behavior, "scaleDown");
            Defaults.text(down, "selectPolicy", "Max");
            if (down.path("policies").isEmpty()) {
                down.putArray("policies")
                        .addObject()
                        .put("type", "Percent")
                        .put("value", 100)
                        .put("periodSeconds", 15);
            }
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode autoscaler) {
        var errors = new Errors();
        var spec = Field.of(autoscaler, "spec");
        var min = spec.at("minReplicas");
        var max = spec.at("maxReplicas");
        long lowest = scalesToZero(spec.value()) ? 0 : 1;
        if (min.present() && min.number(1) < lowest) {
            errors.invalid(min, "must be greater than or equal to " + lowest);
        }
        if (max.number(0) < 1) {
            errors.invalid(max, max.number(0), "must be greater than 0");
        }
        if (min.present() && max.number(0) < min.number(1)) {
            errors.invalid(max, max.number(0), "must be greater than or equal to `minReplicas`");
        }
        target(errors, spec.at("scaleTargetRef"));
        spec.at("metrics").items().forEach(m -> metric(errors, m));
        for (var direction : new String[] {"scaleUp", "scaleDown"}) {
            behavior(errors, spec.at("behavior").at(direction));
        }
        return errors.list();
    }

    /** Only metrics that exist without pods can bring a workload back from nothing. */
    private static boolean scalesToZero(JsonNode spec) {
        for (var metric : spec.path("metrics")) {
            if (List.of("Object", "External").contains(Meta.text(metric, "type"))) {
                return true;
            }
        }
        return false;
    }

    private static void target(Errors errors, Field ref) {
        for (var name : new String[] {"kind", "name"}) {
            if (ref.text(name).isEmpty()) {
                errors.required(ref.at(name), "");
            } else {
                errors.names(ref.at(name), Names.pathSegment(ref.text(name)));
            }
        }
    }

    private static void metric(Errors errors, Field metric) {
        var type = metric.text("type");
        var field = SOURCES.get(type);
        if (type.isEmpty()) {
            errors.required(metric.at("type"), "must specify a metric source type");
        } else if (field == null) {
            errors.oneOf(metric.at("type"), SOURCES.keySet().stream().sorted().toList());
        } else if (!metric.has(field)) {
            errors.required(metric.at(field), "must populate information for the given metric source");
        } else {
            source(errors, metric.at(field), field);
        }
    }

    private static void source(Errors errors, Field source, String kind) {
        var resource = kind.equals("resource") || kind.equals("containerResource");
        var name = resource ? source.at("name") : source.at("metric").at("name");
        if (name.text().isEmpty()) {
            errors.required(name, resource ? "must specify a resource name" : "must specify a metric name");
        }
        if (kind.equals("containerResource") && source.text("container").isEmpty()) {
            errors.required(source.at("container"), "must specify a container name");
        }
        var target = source.at("target");
        if (target.text("type").isEmpty()) {
            errors.required(target.at("type"), "must specify a metric target type");
        } else {
            errors.oneOf(target.at("type"), List.of("AverageValue", "Utilization", "Value"));
        }
        errors.positive(target.at("averageUtilization"));
        for (var value : new String[] {"value", "averageValue"}) {
            if (target.has(value)) {
                var amount = errors.quantity(target.at(value));
                if (amount != null && amount.signum() <= 0) {
                    errors.invalid(target.at(value), amount.toString(), "must be positive");
                }
            }
        }
        if (resource && !target.has("averageUtilization") && !target.has("averageValue")) {
            errors.required(
                    target.at("averageUtilization"), "must set either a target raw value or a target utilization");
        }
    }

    private static void behavior(Errors errors, Field rules) {
        if (!rules.present()) {
            return;
        }
        var window = rules.at("stabilizationWindowSeconds");
        errors.notNegative(window);
        if (window.number(0) > HOUR_SECONDS) {
            errors.invalid(window, "must be less than or equal to " + HOUR_SECONDS);
        }
        errors.oneOf(rules.at("selectPolicy"), List.of("Disabled", "Max", "Min"));
        for (var policy : rules.at("policies").items()) {
            errors.oneOf(policy.at("type"), List.of("Percent", "Pods"));
            if (policy.at("value").number(0) <= 0) {
                errors.invalid(policy.at("value"), policy.at("value").number(0), "must be greater than zero");
            }
            var period = policy.at("periodSeconds");
            if (period.number(0) <= 0) {
                errors.invalid(period, period.number(0), "must be greater than zero");
            } else if (period.number(0) > MAX_PERIOD_SECONDS) {
                errors.invalid(period, "must be less than or equal to " + MAX_PERIOD_SECONDS);
            }
        }
    }
}
