package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.apply.ApplyException;
import dev.sampan.schema.apply.Merge;
import dev.sampan.schema.cel.CelExpression;
import dev.sampan.schema.cel.CelFailure;
import dev.sampan.schema.patch.JsonPatch;
import dev.sampan.schema.patch.PatchException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * MutatingAdmissionPolicies (KEP-3962): each bound policy in turn changes the object; those that wish so are asked again when
 * a later one changed it.
 */
public final class MutatingPolicies implements AdmissionPlugin, AutoCloseable {

    private final PolicyIndex index;
    private final PolicyWalk walk;

    public MutatingPolicies(Objects objects, Authorizer authorizer) {
        this.index = new PolicyIndex(objects, "mutating");
        this.walk = new PolicyWalk(index, authorizer);
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (request.object() == null || index.bound().isEmpty()) {
            return;
        }
        var first = new Round(request, Set.of());
        walk.walk(request, first);
        if (!first.changedAfter.isEmpty()) {
            walk.walk(request, new Round(request, first.changedAfter));
        }
    }

    /** One pass over the policies. */
    private static final class Round implements PolicyWalk.Visitor {
        private final AdmissionRequest request;
        private final Set<String> again;
        private final Set<String> ran = new HashSet<>();
        private final Set<String> changedAfter = new HashSet<>();

        /** @param again policies to ask in a second pass; empty in the first */
        Round(AdmissionRequest request, Set<String> again) {
            this.request = request;
            this.again = again;
        }

        @Override
        public void evaluate(
                Policy policy, ObjectNode binding, AdmissionRequest seen, Map<String, Object> environment) {
            if (!again.isEmpty() && !again.contains(policy.name())) {
                return;
            }
            try {
                for (var step : policy.steps()) {
                    environment.put("object", CelExpression.value(seen.object()));
                    change(policy, seen, CelExpression.json(step.expression().evaluate(environment)), step.source());
                }
            } catch (CelFailure | PatchException | ApplyException | IllegalStateException e) {
                if (policy.failsClosed()) {
                    failed(policy, binding, String.valueOf(e.getMessage()));
                }
            }
        }

        private void change(Policy policy, AdmissionRequest seen, JsonNode result, JsonNode mutation) {
            var object = java.util.Objects.requireNonNull(seen.object());
            var before = object.deepCopy();
            var objects = request.context().objects();
            var schema = objects.schema(request.resource(), Versions.of(seen));
            JsonNode after;
            if (mutation.has("jsonPatch")) {
                after = JsonPatch.apply(before, result);
            } else if (schema != null && result instanceof ObjectNode configuration) {
                after = Merge.merge(before, configuration, schema);
            } else {
                throw new IllegalStateException("an apply configuration has to be an Object");
            }
            if (!(after instanceof ObjectNode whole) || after.equals(before)) {
                return;
            }
            checkIdentity(before, whole);
            object.removeAll();
            object.setAll(whole.deepCopy());
            Versions.giveBack(seen, request);
            ran.stream().filter(name -> !name.equals(policy.name())).forEach(changedAfter::add);
            if (Meta.text(policy.spec(), "reinvocationPolicy").equals("IfNeeded")) {
                ran.add(policy.name());
            }
        }

        private static void checkIdentity(ObjectNode before, ObjectNode after) {
            for (var field : new String[] {"apiVersion", "kind"}) {
                if (!Meta.text(before, field).equals(Meta.text(after, field))) {
                    throw new IllegalStateException("a mutation must not change " + field);
                }
            }
            if (!Meta.name(before).equals(Meta.name(after))
                    || !Meta.namespace(before).equals(Meta.namespace(after))) {
                throw new IllegalStateException("a mutation must not change metadata.name or metadata.namespace");
            }
        }

        @Override
        public void failed(Policy policy, ObjectNode binding, String why) {
            var message = "policy '%s' with binding '%s' denied request: %s"
                    .formatted(policy.name(), Meta.name(binding), why);
            var forbidden = request.forbidden(message).status();
            throw new ApiException(new Status(422, "Invalid", forbidden.message(), forbidden.details()));
        }
    }

    @Override
    public void close() throws Exception {
        index.close();
    }
}
