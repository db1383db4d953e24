package dev.sampan.apiserver.registry;

import tools.jackson.databind.node.ObjectNode;

/**
 * {@code autoscaling/v1} HorizontalPodAutoscaler, stored as v2: the CPU target is one of the metrics there. Metrics that v1
 * cannot say are kept when a v1 client only reads; a v1 write replaces the CPU target.
 */
final class OldAutoscaler implements Conversion {

    private static final String TARGET = "targetCPUUtilizationPercentage";
    private static final String CURRENT = "currentCPUUtilizationPercentage";

    @Override
    public ObjectNode toStorage(ObjectNode autoscaler) {
        if (autoscaler.get("spec") instanceof ObjectNode spec) {
            var percent = spec.remove(TARGET);
            if (percent != null && percent.isNumber()) {
                var resource = spec.putArray("metrics")
                        .addObject()
                        .put("type", "Resource")
                        .putObject("resource");
                resource.put("name", "cpu");
                resource.putObject("target").put("type", "Utilization").put("averageUtilization", percent.asInt());
            }
        }
        if (autoscaler.get("status") instanceof ObjectNode status) {
            status.remove(CURRENT);
        }
        return autoscaler.put("apiVersion", "autoscaling/v2");
    }

    @Override
    public ObjectNode fromStorage(ObjectNode autoscaler) {
        if (autoscaler.get("spec") instanceof ObjectNode spec) {
            for (var metric : spec.path("metrics")) {
                var resource = metric.path("resource");
                var percent = resource.path("target").path("averageUtilization");
                if (resource.path("name").asString("").equals("cpu") && percent.isNumber()) {
                    spec.put(TARGET, percent.asInt());
                }
            }
            spec.remove("metrics");
            spec.remove("behavior");
        }
        if (autoscaler.get("status") instanceof ObjectNode status) {
            for (var metric : status.path("currentMetrics")) {
                var resource = metric.path("resource");
                var percent = resource.path("current").path("averageUtilization");
                if (resource.path("name").asString("").equals("cpu") && percent.isNumber()) {
                    status.put(CURRENT, percent.asInt());
                }
            }
            status.remove("currentMetrics");
            status.remove("conditions");
        }
        return autoscaler.put("apiVersion", "autoscaling/v1");
    }
}
