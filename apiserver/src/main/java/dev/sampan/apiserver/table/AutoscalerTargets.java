package dev.sampan.apiserver.table;

import java.util.ArrayList;
import tools.jackson.databind.JsonNode;

/** The targets cell of HorizontalPodAutoscalers: present and wanted value of each metric. */
final class AutoscalerTargets {

    private static final int MAX_SHOWN = 2;

    private AutoscalerTargets() {}

    static String of(JsonNode autoscaler) {
        var result = new ArrayList<String>();
        var old = Cells.at(autoscaler, "spec.targetCPUUtilizationPercentage");
        if (old.isNumber()) {
            var current = Cells.text(autoscaler, "status.currentCPUUtilizationPercentage");
            return "cpu: " + (current.isEmpty() ? Ages.UNKNOWN : current + "%") + "/" + old.asLong() + "%";
        }
        var present = Cells.at(autoscaler, "status.currentMetrics");
        int i = 0;
        for (var metric : Cells.at(autoscaler, "spec.metrics")) {
            result.add(target(metric, present.path(i++)));
        }
        if (result.isEmpty()) {
            return Cells.NONE;
        }
        var shown = String.join(", ", result.subList(0, Math.min(MAX_SHOWN, result.size())));
        return result.size() > MAX_SHOWN ? shown + " + " + (result.size() - MAX_SHOWN) + " more..." : shown;
    }

    private static String target(JsonNode metric, JsonNode status) {
        var type = metric.path("type").asString("");
        var field = switch (type) {
            case "Resource" -> "resource";
            case "ContainerResource" -> "containerResource";
            case "Pods" -> "pods";
            case "Object" -> "object";
            case "External" -> "external";
            default -> "";
        };
        if (field.isEmpty()) {
            return "<unknown type>";
        }
        var target = metric.path(field).path("target");
        var current = status.path(field).path("current");
        var name = field.endsWith("esource") ? metric.path(field).path("name").asString("") + ": " : "";
        if (target.path("averageUtilization").isNumber()) {
            var now = current.path("averageUtilization");
            return name + (now.isNumber() ? now.asLong() + "%" : Ages.UNKNOWN) + "/"
                    + target.path("averageUtilization").asLong() + "%";
        }
        boolean average = target.has("averageValue");
        var key = average ? "averageValue" : "value";
        var now = current.path(key).asString("");
        return name + (now.isEmpty() ? Ages.UNKNOWN : now) + "/"
                + target.path(key).asString("")
                + (average && !field.endsWith("esource") && !field.equals("pods") ? " (avg)" : "");
    }
}
