package dev.sampan.apiserver;

import static dev.sampan.apiserver.FuzzedValues.one;

import java.util.List;
import java.util.Random;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Admission policies on ConfigMaps whose expressions say anything. */
final class FuzzedPolicies {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final List<String> RULES = List.of(
            "object.data.all(k, object.data[k].size() < 10)",
            "object.data['a'].matches('(a+)+$')",
            "request.operation == 'DELETE' || object.metadata.name != oldObject.metadata.name",
            "request.userInfo.groups.exists(g, g == object.data.a)",
            "int(object.data.a) / size(object.data.b) > 1",
            "authorizer.group('').resource(object.metadata.name).check(object.data.a).allowed()",
            "namespaceObject.metadata.labels[object.metadata.name] == ''",
            "object.immutable",
            "object.data.map(k, object.data.map(l, k + l)).size() < 100",
            "!has(object.metadata.labels) || object.metadata.labels == oldObject.metadata.labels",
            "dyn(object).spec.replicas > 1",
            "quantity(object.data.a).isInteger()",
            "request.dryRun || variables.v == 'x'");

    private static final List<String> VALUES = List.of(
            "'a'",
            "object.data.a",
            "object.metadata.name + string(1 / size(object.data))",
            "object.metadata.name.substring(50)",
            "object.data.map(k, object.data[k]).join(',')",
            "string(int(object.data.b))",
            "object.metadata.?generateName.orValue(object.metadata.name)");

    private FuzzedPolicies() {}

    static ObjectNode validating(long seed) {
        var random = new Random(seed);
        var policy = object("ValidatingAdmissionPolicy", seed);
        var spec = spec(policy, random);
        var validation = spec.putArray("validations").addObject().put("expression", rule(random));
        if (random.nextInt(3) == 0) {
            validation.put("messageExpression", value(random));
        }
        if (random.nextInt(3) == 0) {
            spec.putArray("auditAnnotations").addObject().put("key", "a").put("valueExpression", value(random));
        }
        return policy;
    }

    static ObjectNode mutating(long seed) {
        var random = new Random(seed);
        var policy = object("MutatingAdmissionPolicy", seed);
        var spec = spec(policy, random).put("reinvocationPolicy", one(List.of("Never", "IfNeeded"), random));
        var mutation = spec.putArray("mutations").addObject();
        if (random.nextBoolean()) {
            mutation.put("patchType", "JSONPatch").putObject("jsonPatch").put("expression", patch(random));
        } else {
            mutation.put("patchType", "ApplyConfiguration")
                    .putObject("applyConfiguration")
                    .put("expression", "Object{data: {'a': %s}}".formatted(value(random)));
        }
        return policy;
    }

    private static String patch(Random random) {
        return random.nextInt(4) == 0
                ? value(random)
                : "[JSONPatch{op: '%s', path: '%s', value: %s}]"
                        .formatted(
                                one(List.of("add", "remove", "test", "copy", "no"), random),
                                one(List.of("/data/a", "/metadata/name", "", "/data", "/kind", "x"), random),
                                value(random));
    }

    private static String rule(Random random) {
        return random.nextInt(5) == 0 ? FuzzedRules.rule(random) : one(RULES, random);
    }

    private static String value(Random random) {
        return random.nextInt(5) == 0 ? FuzzedRules.value(random) : one(VALUES, random);
    }

    /** Of the policy with the same seed. */
    static ObjectNode binding(ObjectNode policy, long seed) {
        var binding = object(policy.path("kind").asString() + "Binding", seed);
        var spec = binding.putObject("spec").put("policyName", "p" + seed);
        if (policy.path("kind").asString().startsWith("Validating")) {
            spec.putArray("validationActions").add("Deny");
        }
        return binding;
    }

    private static ObjectNode object(String kind, long seed) {
        var object = NODES.objectNode()
                .put("apiVersion", "admissionregistration.k8s.io/v1")
                .put("kind", kind);
        object.putObject("metadata").put("name", "p" + seed);
        return object;
    }

    private static ObjectNode spec(ObjectNode policy, Random random) {
        var spec = policy.putObject("spec").put("failurePolicy", one(List.of("Fail", "Ignore"), random));
        ArrayNode rules = spec.putObject("matchConstraints").putArray("resourceRules");
        var rule = rules.addObject();
        rule.putArray("apiGroups").add("");
        rule.putArray("apiVersions").add("v1");
        rule.putArray("operations").add("*");
        rule.putArray("resources").add("configmaps");
        if (random.nextInt(3) == 0) {
            spec.putArray("matchConditions").addObject().put("name", "c").put("expression", rule(random));
        }
        if (random.nextInt(3) == 0) {
            spec.putArray("variables").addObject().put("name", "v").put("expression", value(random));
        }
        return spec;
    }
}
