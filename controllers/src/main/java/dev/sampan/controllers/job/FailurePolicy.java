package dev.sampan.controllers.job;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a job's podFailurePolicy says about a failed pod; the first rule that matches counts. */
sealed interface FailurePolicy {

    /** Count it against the back-off limit, which is also what happens without a policy. */
    record Count() implements FailurePolicy {}

    /** As if it had not failed: replace it, do not count it. */
    record Ignore() implements FailurePolicy {}

    /** The pod's index fails for good. */
    record FailIndex() implements FailurePolicy {}

    /** The whole job fails, for the given reason. */
    record FailJob(String message) implements FailurePolicy {}

    static FailurePolicy of(Job job, Pod pod) {
        var policy = job.getSpec().getPodFailurePolicy();
        if (policy == null) {
            return new Count();
        }
        int number = 0;
        for (var rule : policy.getRules()) {
            var why = matches(rule, pod);
            if (why != null) {
                var at = " matching " + rule.getAction() + " rule at index " + number;
                return action(rule.getAction(), why + at);
            }
            number++;
        }
        return new Count();
    }

    private static FailurePolicy action(String action, String message) {
        return switch (action) {
            case "FailJob" -> new FailJob(message);
            case "FailIndex" -> new FailIndex();
            case "Ignore" -> new Ignore();
            default -> new Count();
        };
    }

    /** Why the rule matches; null when it does not. */
    private static @Nullable String matches(PodFailurePolicyRule rule, Pod pod) {
        var name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        if (rule.getOnExitCodes() != null) {
            var status = exited(rule.getOnExitCodes(), pod);
            return status == null
                    ? null
                    : "Container " + status.getName() + " for pod " + name + " failed with exit code "
                            + status.getState().getTerminated().getExitCode();
        }
        for (var pattern : rule.getOnPodConditions()) {
            for (var condition : pod.getStatus().getConditions()) {
                if (Objects.equals(condition.getType(), pattern.getType())
                        && Objects.equals(
                                condition.getStatus(), Objects.requireNonNullElse(pattern.getStatus(), "True"))) {
                    return "Pod " + name + " has condition " + condition.getType();
                }
            }
        }
        return null;
    }

    private static @Nullable ContainerStatus exited(PodFailurePolicyOnExitCodesRequirement codes, Pod pod) {
        var statuses = Stream.concat(
                pod.getStatus().getContainerStatuses().stream(), pod.getStatus().getInitContainerStatuses().stream());
        return statuses.filter(s -> codes.getContainerName() == null
                        || codes.getContainerName().equals(s.getName()))
                .filter(s -> s.getState() != null && s.getState().getTerminated() != null)
                .filter(s -> matches(codes, s.getState().getTerminated().getExitCode()))
                .findFirst()
                .orElse(null);
    }

    private static boolean matches(PodFailurePolicyOnExitCodesRequirement codes, int code) {
        boolean listed = codes.getValues().contains(code);
        return code != 0 && (codes.getOperator().equals("In") ? listed : !listed);
    }
}
