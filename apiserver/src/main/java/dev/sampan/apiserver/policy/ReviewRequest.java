package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.UserInfo;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request under admission as JSON: the {@code request} of an AdmissionReview and of expressions. */
public final class ReviewRequest {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ReviewRequest() {}

    /** Everything but {@code uid}, {@code object} and {@code oldObject}. */
    public static ObjectNode of(AdmissionRequest request) {
        var json = JSON.objectNode();
        var asked = request.context().attributes();
        var kind = json.putObject("kind");
        kind.put("group", request.kind().group())
                .put("version", request.version())
                .put("kind", request.kind().kind());
        json.putObject("resource")
                .put("group", request.resource().group())
                .put("version", request.version())
                .put("resource", request.resource().resource());
        json.put("subResource", request.subresource());

        json.putObject("requestKind")
                .put("group", request.kind().group())
                .put("version", asked.version())
                .put("kind", request.kind().kind());
        json.putObject("requestResource")
                .put("group", asked.group())
                .put("version", asked.version())
                .put("resource", request.resource().resource());
        json.put("requestSubResource", request.subresource());
        json.put("name", request.name()).put("namespace", request.namespace());
        json.put("operation", request.operation().name());
        json.set("userInfo", user(request.context().user()));
        json.put("dryRun", request.context().dryRun());
        json.set("options", request.options() == null ? JSON.nullNode() : request.options());
        return json;
    }

    private static ObjectNode user(UserInfo user) {
        var json = JSON.objectNode();
        json.put("username", user.name());
        json.put("uid", user.uid());
        user.groups().forEach(json.putArray("groups")::add);
        var extra = json.putObject("extra");
        user.extra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
        return json;
    }
}
