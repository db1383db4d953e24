package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelFailure;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Finds the policies that are about a request, binding by binding and parameter by parameter. */
record PolicyWalk(PolicyIndex index, Authorizer authorizer) {

    /** What is done with a policy. */
    interface Visitor {
        /**
         * The policy is about the request.
         *
         * @param seen the request in the version that the policy names
         * @param environment what its expressions see
         */
        void evaluate(Policy policy, ObjectNode binding, AdmissionRequest seen, Map<String, Object> environment);

        /** It cannot be told whether it is, or it cannot be used; called for policies that fail closed only. */
        void failed(Policy policy, ObjectNode binding, String why);
    }

    void walk(AdmissionRequest request, Visitor visitor) {
        var bound = index.bound();
        if (bound.isEmpty() || Matching.isExempt(request)) {
            return;
        }
        for (var one : bound) {
            var policy = one.policy();
            var version = Matching.version(policy.spec().path("matchConstraints"), request);
            if (version != null) {
                one.bindings().stream()
                        .filter(b -> Matching.matches(b.path("spec").path("matchResources"), request))
                        .forEach(b -> visit(policy, b, Versions.in(version, request), visitor));
            }
        }
    }

    private void visit(Policy policy, ObjectNode binding, AdmissionRequest request, Visitor visitor) {
        try {
            if (policy.problem() != null) {
                throw new Params.Unusable(policy.problem());
            }
            for (var param : Params.of(policy, binding, request)) {
                var environment = new HashMap<>(Environment.of(request, authorizer));
                environment.put("params", CelExpression.value(param));
                if (policy.conditions().hold(environment)) {
                    environment.put("variables", Variables.of(policy.variables(), environment));
                    visitor.evaluate(policy, binding, request, environment);
                }
            }
        } catch (Params.Unusable e) {
            fail(policy, binding, "failed to configure binding: " + e.getMessage(), visitor);
        } catch (CelFailure e) {
            fail(policy, binding, String.valueOf(e.getMessage()), visitor);
        }
    }

    private static void fail(Policy policy, ObjectNode binding, String why, Visitor visitor) {
        if (policy.failsClosed()) {
            visitor.failed(policy, binding, why);
        }
    }
}
