package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.Authorizer.Verdict;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers "may X do Y": the reviews of authorization.k8s.io. They are created and never stored. */
final class AccessReviews {

    private static final String GROUP = "authorization.k8s.io";

    private final Authorizer authorizer;
    private final RbacAuthorizer rbac;

    AccessReviews(Authorizer authorizer, RbacAuthorizer rbac) {
        this.authorizer = authorizer;
        this.rbac = rbac;
    }

    List<SubresourceHandler> handlers() {
        return List.of(
                new Review("subjectaccessreviews", call -> subject(call, "SubjectAccessReview")),
                new Review("localsubjectaccessreviews", call -> subject(call, "LocalSubjectAccessReview")),
                new Review("selfsubjectaccessreviews", this::self),
                new Review("selfsubjectrulesreviews", this::rules));
    }

    /** What a review does with its body; the result is answered with 201. */
    private interface Work {
        ObjectNode review(SubresourceHandler.Call call);
    }

    private record Review(String name, Work work) implements SubresourceHandler {
        @Override
        public GroupResource resource() {
            return new GroupResource(GROUP, name);
        }

        /** The resource itself. */
        @Override
        public String subresource() {
            return "";
        }

        @Override
        public List<String> verbs() {
            return List.of("create");
        }

        @Override
        public ApiResponse handle(Call call) {
            if (call.body() == null) {
                throw ApiException.badRequest("a body is required");
            }
            var answer = work.review(call).toString().getBytes(StandardCharsets.UTF_8);
            return new ApiResponse.Complete(201, Map.of("content-type", List.of("application/json")), answer);
        }
    }

    private ObjectNode self(SubresourceHandler.Call call) {
        var review = body(call);
        var spec = review.path("spec");
        requireOneKind(spec, "SelfSubjectAccessReview", List.of());
        return answer(review, call.context().user(), attributes(spec));
    }

    private ObjectNode subject(SubresourceHandler.Call call, String kind) {
        var review = body(call);
        var spec = review.path("spec");
        var errors = new ArrayList<FieldError>();
        if (Meta.text(spec, "user").isEmpty() && spec.path("groups").isEmpty()) {
            errors.add(new FieldError(
                    FieldError.Type.INVALID,
                    "spec.user",
                    Meta.text(spec, "user"),
                    "at least one of user or group must be specified"));
        }
        if (kind.equals("LocalSubjectAccessReview")) {
            var namespace = call.attributes().namespace();
            if (!Meta.text(spec, "resourceAttributes", "namespace").equals(namespace)) {
                errors.add(FieldError.invalid(
                        "spec.resourceAttributes.namespace",
                        Meta.text(spec, "resourceAttributes", "namespace"),
                        "must match metadata.namespace"));
            }
            if (spec.has("nonResourceAttributes")) {
                errors.add(FieldError.invalid(
                        "spec.nonResourceAttributes",
                        spec.path("nonResourceAttributes"),
                        "disallowed on this kind of request"));
            }
        }
        requireOneKind(spec, kind, errors);
        return answer(review, userOf(spec), attributes(spec));
    }

    private static void requireOneKind(JsonNode spec, String kind, List<FieldError> others) {
        var errors = new ArrayList<>(others);
        var resource = spec.path("resourceAttributes").isObject();
        var url = spec.path("nonResourceAttributes").isObject();
        if (resource && url) {
            errors.add(FieldError.invalid(
                    "spec.nonResourceAttributes",
                    spec.path("nonResourceAttributes"),
                    "cannot be specified in combination with resourceAttributes"));
        } else if (!resource && !url) {
            errors.add(FieldError.invalid(
                    "spec.resourceAttributes",
                    spec.path("nonResourceAttributes"),
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind(GROUP, kind), "", errors);
        }
    }

    private ObjectNode answer(ObjectNode review, UserInfo user, Attributes attributes) {
        var decision = authorizer.authorize(user, attributes);
        var status = review.putObject("status");
        status.put("allowed", decision.allowed());
        if (decision.verdict() == Verdict.DENY) {
            status.put("denied", true);
        }
        if (!decision.reason().isEmpty()) {
            status.put("reason", decision.reason());
        }
        return review;
    }

    private ObjectNode rules(SubresourceHandler.Call call) {
        var review = body(call);
        var namespace = Meta.text(review, "spec", "namespace");
        if (namespace.isEmpty()) {
            throw ApiException.badRequest("no namespace on request");
        }
        var resolved = rbac.rulesFor(call.context().user(), namespace);
        var rules = new ArrayList<>(resolved.rules());
        if (call.context().user().inGroup(UserInfo.MASTERS)) {
            rules.add(new Rule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of()));
            rules.add(new Rule(List.of("*"), List.of(), List.of(), List.of(), List.of("*")));
        }
        var status = review.putObject("status");
        var resources = status.putArray("resourceRules");
        var urls = status.putArray("nonResourceRules");
        for (var rule : rules) {
            rule.writeTo(rule.nonResourceUrls().isEmpty() ? resources.addObject() : urls.addObject());
        }
        var isNode = !NodeAuthorizer.nodeOf(call.context().user()).isEmpty();
        status.put("incomplete", isNode || !resolved.missingRoles().isEmpty());
        if (!resolved.missingRoles().isEmpty()) {
            status.put("evaluationError", RbacAuthorizer.joined(resolved.missingRoles()));
        } else if (isNode) {
            status.put("evaluationError", "node authorizer does not support user rule resolution");
        }
        return review;
    }

    private static ObjectNode body(SubresourceHandler.Call call) {
        var body = call.body();
        if (body == null) {
            throw ApiException.badRequest("a body is required");
        }
        body.withObject("/metadata");
        return body;
    }

    private static UserInfo userOf(JsonNode spec) {
        var extra = new LinkedHashMap<String, List<String>>();
        spec.path("extra").properties().forEach(e -> extra.put(e.getKey(), strings(e.getValue())));
        return new UserInfo(Meta.text(spec, "user"), Meta.text(spec, "uid"), strings(spec.path("groups")), extra);
    }

    private static Attributes attributes(JsonNode spec) {
        var url = spec.path("nonResourceAttributes");
        if (url.isObject()) {
            return Attributes.ofPath(Meta.text(url, "verb"), Meta.text(url, "path"));
        }
        var r = spec.path("resourceAttributes");
        return Attributes.ofResource(
                Meta.text(r, "verb"),
                Meta.text(r, "group"),
                Meta.text(r, "version"),
                Meta.text(r, "resource"),
                Meta.text(r, "subresource"),
                Meta.text(r, "namespace"),
                Meta.text(r, "name"));
    }

    private static List<String> strings(JsonNode array) {
        var result = new ArrayList<String>();
        array.forEach(n -> result.add(n.stringValue("")));
        return List.copyOf(result);
    }
}
