package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.kinds.AdmissionExpressions;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelExpressions.Result;
import dev.sampan.schema.cel.CelFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy of either sort, compiled.
 *
 * @param steps what is evaluated in order: validations or mutations
 * @param annotations audit annotations; none for mutating policies
 * @param problem why the policy cannot be used; null when it can
 */
record Policy(
        String name,
        JsonNode spec,
        Conditions conditions,
        Map<String, CelExpression> variables,
        List<Step> steps,
        List<Annotation> annotations,
        @Nullable String problem) {

    /** @param message gives the text of a refusal; null when the step has none */
    record Step(
            JsonNode source,
            CelExpression expression,
            @Nullable CelExpression message) {}

    record Annotation(String key, CelExpression value) {}

    static Policy compile(ObjectNode policy) {
        var name = Meta.name(policy);
        var spec = policy.path("spec");
        try {
            var steps = new ArrayList<Step>();
            for (var validation : spec.path("validations")) {
                var message = Meta.text(validation, "messageExpression");
                steps.add(new Step(
                        validation,
                        compile(validation, "expression", Result.BOOL),
                        message.isEmpty() ? null : AdmissionExpressions.bodies().compile(message, Result.STRING)));
            }
            for (var mutation : spec.path("mutations")) {
                var field = mutation.has("jsonPatch") ? "jsonPatch" : "applyConfiguration";
                steps.add(new Step(mutation, compile(mutation.path(field), "expression", Result.ANY), null));
            }
            var variables = new LinkedHashMap<String, CelExpression>();
            for (var variable : spec.path("variables")) {
                variables.put(Meta.text(variable, "name"), compile(variable, "expression", Result.ANY));
            }
            var annotations = new ArrayList<Annotation>();
            for (var annotation : spec.path("auditAnnotations")) {
                annotations.add(new Annotation(
                        Meta.text(annotation, "key"), compile(annotation, "valueExpression", Result.ANY)));
            }
            var conditions = Conditions.compile(spec.path("matchConditions"));
            return new Policy(name, spec, conditions, variables, steps, annotations, null);
        } catch (CelFailure e) {
            return broken(name, spec, String.valueOf(e.getMessage()));
        }
    }

    private static Policy broken(String name, JsonNode spec, String problem) {
        try {
            var none = tools.jackson.databind.node.MissingNode.getInstance();
            return new Policy(name, spec, Conditions.compile(none), Map.of(), List.of(), List.of(), problem);
        } catch (CelFailure e) {
            throw new IllegalStateException("no conditions do not compile", e);
        }
    }

    private static CelExpression compile(JsonNode node, String field, Result result) throws CelFailure {
        return AdmissionExpressions.bodies().compile(Meta.text(node, field), result);
    }

    /** Whether a request is refused when the policy cannot be evaluated. */
    boolean failsClosed() {
        return !Meta.text(spec, "failurePolicy").equals("Ignore");
    }
}
