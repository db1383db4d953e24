package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.policy.Policy.Step;
import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** ValidatingAdmissionPolicies (KEP-3488): every bound policy is evaluated, the first refusal is what the client hears. */
public final class ValidatingPolicies implements AdmissionPlugin, AutoCloseable {

    private static final String FAILURE = "validation.policy.admission.k8s.io/validation_failure";

    private final PolicyIndex index;
    private final PolicyWalk walk;
    private final AdmissionMetrics metrics;

    public ValidatingPolicies(Objects objects, Authorizer authorizer, AdmissionMetrics metrics) {
        this.metrics = metrics;
        this.index = new PolicyIndex(objects, "validating");
        this.walk = new PolicyWalk(index, authorizer);
    }

    @Override
    public void validate(AdmissionRequest request) {
        var review = new Review();
        walk.walk(request, review);
        review.failures.forEach(f -> request.context().annotate(FAILURE, review.failures.toString()));
        review.warnings.forEach(request.context()::warn);
        review.notes.forEach((key, values) -> request.context().annotate(key, String.join(", ", values)));
        if (review.refusal != null) {
            throw review.refusal.of(request);
        }
    }

    private record Refusal(String message, String reason) {

        ApiException of(AdmissionRequest request) {
            var forbidden = request.forbidden(message).status();
            var details = forbidden.details();
            var causes = List.of(new Status.Cause("", message, ""));
            return new ApiException(new Status(
                    code(),
                    reason,
                    forbidden.message(),
                    details == null
                            ? null
                            : new Status.Details(
                                    details.name(), details.group(), details.kind(), details.uid(), causes, 0)));
        }

        private int code() {
            return switch (reason) {
                case "Forbidden" -> 403;
                case "Unauthorized" -> 401;
                case "RequestEntityTooLarge" -> 413;
                default -> 422;
            };
        }
    }

    /** The findings of one request. */
    private final class Review implements PolicyWalk.Visitor {
        private @Nullable Refusal refusal;
        private final List<String> warnings = new ArrayList<>();
        private final ArrayNode failures = JsonNodeFactory.instance.arrayNode();
        private final Map<String, LinkedHashSet<String>> notes = new LinkedHashMap<>();

        @Override
        public void evaluate(
                Policy policy, ObjectNode binding, AdmissionRequest seen, Map<String, Object> environment) {
            for (int i = 0; i < policy.steps().size(); i++) {
                long start = System.nanoTime();
                var step = policy.steps().get(i);
                try {
                    if (!Boolean.TRUE.equals(step.expression().evaluate(environment))) {
                        found(policy, binding, i, message(step, environment), reason(step));
                        counted(policy, binding, "no_error", start);
                    } else {
                        metrics.policy(
                                policy.name(), Meta.name(binding), "allow", "no_error", System.nanoTime() - start);
                    }
                } catch (CelFailure e) {
                    if (policy.failsClosed()) {
                        var text = "expression '%s' resulted in error: %s"
                                .formatted(step.expression().source(), e.getMessage());
                        found(policy, binding, i, text, "Invalid");
                        counted(policy, binding, "invalid_error", start);
                    } else {
                        metrics.policy(
                                policy.name(), Meta.name(binding), "allow", "invalid_error", System.nanoTime() - start);
                    }
                }
            }
            for (var annotation : policy.annotations()) {
                note(policy, binding, annotation, environment);
            }
        }

        @Override
        public void failed(Policy policy, ObjectNode binding, String why) {
            refuse(policy, binding, why, "Invalid");
        }

        /** Once for each thing that is done about it. */
        private void counted(Policy policy, ObjectNode binding, String error, long start) {
            long nanos = System.nanoTime() - start;
            for (var action : binding.path("spec").path("validationActions")) {
                var word = action.stringValue("").toLowerCase(Locale.ROOT);
                metrics.policy(policy.name(), Meta.name(binding), word, error, nanos);
            }
        }

        private static String reason(Step step) {
            var reason = Meta.text(step.source(), "reason");
            return reason.isEmpty() ? "Invalid" : reason;
        }

        private static String message(Step step, Map<String, Object> environment) {
            if (step.message() != null) {
                try {
                    var text = CelExpression.text(step.message().evaluate(environment));
                    if (text != null && !text.isBlank() && !text.contains("\n")) {
                        return text.strip();
                    }
                } catch (CelFailure e) {
                    return fixedMessage(step); // as Kubernetes does, which logs it
                }
            }
            return fixedMessage(step);
        }

        private static String fixedMessage(Step step) {
            var message = Meta.text(step.source(), "message").strip();
            return message.isEmpty()
                    ? "failed expression: " + step.expression().source().strip()
                    : message;
        }

        private void found(Policy policy, ObjectNode binding, int index, String message, String reason) {
            var actions = binding.path("spec").path("validationActions");
            for (var action : actions) {
                switch (action.stringValue("")) {
                    case "Deny" -> refuse(policy, binding, message, reason);
                    case "Warn" ->
                        warnings.add("Validation failed for ValidatingAdmissionPolicy '%s' with binding '%s': %s"
                                .formatted(policy.name(), Meta.name(binding), message));
                    case "Audit" -> {
                        var failure = failures.addObject();
                        failure.put("message", message).put("policy", policy.name());
                        failure.put("binding", Meta.name(binding)).put("expressionIndex", index);
                        failure.set("validationActions", actions);
                    }
                    default -> {}
                }
            }
        }

        private void refuse(Policy policy, ObjectNode binding, String message, String reason) {
            if (refusal == null) {
                refusal = new Refusal(
                        "ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s"
                                .formatted(policy.name(), Meta.name(binding), message),
                        reason);
            }
        }

        private void note(
                Policy policy, ObjectNode binding, Policy.Annotation annotation, Map<String, Object> environment) {
            try {
                var text = CelExpression.text(annotation.value().evaluate(environment));
                if (text != null) {
                    notes.computeIfAbsent(policy.name() + "/" + annotation.key(), k -> new LinkedHashSet<>())
                            .add(text);
                }
            } catch (CelFailure e) {
                if (policy.failsClosed()) {
                    refuse(policy, binding, String.valueOf(e.getMessage()), "Invalid");
                }
            }
        }
    }

    @Override
    public void close() throws Exception {
        index.close();
    }
}
