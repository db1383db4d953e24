package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The Pod Security Standards that a namespace's labels ask for: pods are refused, workloads only warned about. */
final class PodSecurity implements AdmissionPlugin {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final String LABEL = "pod-security.kubernetes.io/";

    @Override
    public void validate(AdmissionRequest request) {
        var object = request.object();
        if (object == null || request.namespace().isEmpty() || request.operation() == Operation.DELETE) {
            return;
        }
        var isPod = request.resource().toString().equals("pods");
        if (isPod && !request.subresource().isEmpty() && !request.subresource().equals("ephemeralcontainers")) {
            return;
        }
        var template = isPod ? object : template(request, object);
        if (template.isMissingNode() || (!isPod && !request.subresource().isEmpty())) {
            return;
        }
        var namespace = request.context().objects().get(NAMESPACES, "", request.namespace());
        if (namespace == null || (isPod && isUnchanged(request, object))) {
            return;
        }
        check(request, Meta.labels(namespace), template, isPod);
    }

    /** An update of what the standards do not look at (labels, tolerations …) must stay possible. */
    private static boolean isUnchanged(AdmissionRequest request, JsonNode pod) {
        var old = request.oldObject();
        return request.operation() == Operation.UPDATE
                && old != null
                && old.path("spec").path("containers").equals(pod.path("spec").path("containers"))
                && old.path("spec")
                        .path("initContainers")
                        .equals(pod.path("spec").path("initContainers"))
                && old.path("spec")
                        .path("ephemeralContainers")
                        .equals(pod.path("spec").path("ephemeralContainers"));
    }

    private static void check(AdmissionRequest request, Map<String, String> labels, JsonNode pod, boolean isPod) {
        var enforce = labels.getOrDefault(LABEL + "enforce", "privileged");
        if (isPod) {
            var violations = PodSecurityStandard.violations(enforce, pod);
            if (!violations.isEmpty()) {
                throw Refusal.of(
                        request,
                        "violates PodSecurity \"%s\": %s"
                                .formatted(versioned(enforce, labels, "enforce"), String.join(", ", violations)));
            }
        }
        var warn = labels.getOrDefault(LABEL + "warn", isPod ? "privileged" : enforce);
        var violations = PodSecurityStandard.violations(warn, pod);
        if (!violations.isEmpty()) {
            request.context()
                    .warn("would violate PodSecurity \"%s\": %s"
                            .formatted(versioned(warn, labels, "warn"), String.join(", ", violations)));
        }
    }

    private static String versioned(String level, Map<String, String> labels, String mode) {
        return level + ":" + labels.getOrDefault(LABEL + mode + "-version", "latest");
    }

    private static JsonNode template(AdmissionRequest request, JsonNode object) {
        return switch (request.resource().toString()) {
            case "deployments.apps",
                    "replicasets.apps",
                    "statefulsets.apps",
                    "daemonsets.apps",
                    "jobs.batch",
                    "replicationcontrollers" -> object.path("spec").path("template");
            case "cronjobs.batch" ->
                object.path("spec").path("jobTemplate").path("spec").path("template");
            case "podtemplates" -> object.path("template");
            default -> object.path("none");
        };
    }
}
